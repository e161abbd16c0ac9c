//! Signed messages: JWS compact serialisation (RFC 7515), Ed25519 (RFC 8037), over canonical bytes.

use std::{fmt, fs, io, path::Path, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, crypto};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use super::canonical::{CanonicalError, canonical};

/// Why a message is not what it claims to be.
#[derive(Debug, thiserror::Error)]
pub enum SignatureError {
    /// Not three parts of base64url.
    #[error("the text is not a signed message (three parts of base64url joined by dots)")]
    Malformed,
    /// The header names another algorithm, key or type.
    #[error("the message's header is not the one expected: EdDSA, type {expected:?}, signed by key {key}")]
    Header {
        /// The media type expected.
        expected: String,
        /// The key expected.
        key: String,
    },
    /// The signature does not fit bytes and key.
    #[error("the signature does not fit the message and key {key}")]
    Wrong {
        /// The key.
        key: String,
    },
    /// The payload does not have the fields expected.
    #[error("the signed content does not have the expected fields")]
    Content,
    /// The payload is not in canonical form.
    #[error("the signed content is not in canonical form (RFC 8785)")]
    NotCanonical,
    /// The payload cannot be made.
    #[error(transparent)]
    Canonical(#[from] CanonicalError),
    /// The key is not usable.
    #[error("the key is not an Ed25519 key in the expected form")]
    Key,
}

/// An Ed25519 public key, as base64url of its 32 bytes.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(into = "String", try_from = "String")]
#[schemars(extend("pattern" = r"^[A-Za-z0-9_-]{43}$"))]
pub struct PublicKey(String);

impl PublicKey {
    /// A short name for the key: the first 16 hexadecimal digits of its SHA-256.
    pub fn id(&self) -> String {
        let raw = URL_SAFE_NO_PAD.decode(&self.0).unwrap_or_default();
        hex::encode(&Sha256::digest(raw)[..8])
    }
}

impl FromStr for PublicKey {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match URL_SAFE_NO_PAD.decode(text) {
            Ok(raw) if raw.len() == 32 => Ok(Self(text.to_owned())),
            _ => Err(SignatureError::Key),
        }
    }
}

impl TryFrom<String> for PublicKey {
    type Error = SignatureError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.0
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {}", self.id())
    }
}

/// An Ed25519 key pair; never printed.
pub struct SigningKey {
    pem: String,
    public: PublicKey,
    encoding: EncodingKey,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signing {:?}", self.public)
    }
}

impl SigningKey {
    /// A new key from the system's randomness.
    ///
    /// # Errors
    /// Where the library cannot make one.
    pub fn generate() -> Result<Self, SignatureError> {
        let pair = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).map_err(|_| SignatureError::Key)?;
        Self::from_pem(&pair.serialize_pem())
    }

    /// A key from PKCS #8 in PEM.
    ///
    /// # Errors
    /// Where the text is no such key.
    pub fn from_pem(pem: &str) -> Result<Self, SignatureError> {
        let pair = rcgen::KeyPair::from_pem(pem).map_err(|_| SignatureError::Key)?;
        if pair.algorithm() != &rcgen::PKCS_ED25519 {
            return Err(SignatureError::Key);
        }
        let public = PublicKey(URL_SAFE_NO_PAD.encode(pair.public_key_raw()));
        let encoding = EncodingKey::from_ed_pem(pem.as_bytes()).map_err(|_| SignatureError::Key)?;
        Ok(Self { pem: pem.to_owned(), public, encoding })
    }

    /// A key from a file.
    ///
    /// # Errors
    /// Where the file is not there, can be read by others too, or holds no such key.
    pub fn open(path: &Path) -> io::Result<Self> {
        let pem = String::from_utf8(read_secret(path)?)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Self::from_pem(&pem).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }

    /// A key from a file, or a new one written there for its owner's eyes only.
    ///
    /// # Errors
    /// As [`Self::open`], or where the file cannot be written.
    pub fn open_or_create(path: &Path) -> io::Result<Self> {
        if path.exists() {
            return Self::open(path);
        }
        let key = Self::generate().map_err(io::Error::other)?;
        crate::protocol::signature::write_secret(path, key.pem.as_bytes())?;
        Ok(key)
    }

    /// The key itself, in PEM: to be sealed under another key, never to be kept or shown as it is.
    pub fn secret_pem(&self) -> &str {
        &self.pem
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        self.public.clone()
    }
}

/// Writes a secret so that only its owner can read it.
///
/// # Errors
/// Where the file cannot be written; an existing file is never overwritten.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Reads a secret, unless others can read it too.
///
/// # Errors
/// Where the file cannot be read, or its mode lets anybody but its owner at it: with the command that mends it.
pub fn read_secret(path: &Path) -> io::Result<Vec<u8>> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path)?.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!(
                    "it is a secret, and others than its owner have rights on it (mode {mode:04o}, expected 0600): \
                     find out who could read it, then run `chmod 600 {}`",
                    path.display()
                ),
            ));
        }
    }
    fs::read(path)
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    kid: &'a str,
    typ: &'a str,
}

fn header(typ: &str, key: &PublicKey) -> Result<String, SignatureError> {
    let bytes = canonical(&Header { alg: "EdDSA", kid: &key.id(), typ })?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Signs the canonical bytes of a value.
///
/// # Errors
/// Where the value has no canonical bytes.
pub fn sign<T: Serialize>(value: &T, typ: &str, key: &SigningKey) -> Result<String, SignatureError> {
    let payload = URL_SAFE_NO_PAD.encode(canonical(value)?);
    let input = format!("{}.{payload}", header(typ, &key.public)?);
    let signature =
        crypto::sign(input.as_bytes(), &key.encoding, Algorithm::EdDSA).map_err(|_| SignatureError::Key)?;
    Ok(format!("{input}.{signature}"))
}

/// Opens a signed message: verifies the received bytes with the one algorithm this key has, parses them into
/// a closed type, writes them canonically again and refuses unless the bytes are equal.
///
/// # Errors
/// Where header, signature, fields or canonical form differ from what is expected.
pub fn open<T: DeserializeOwned + Serialize>(
    text: &str,
    typ: &str,
    key: &PublicKey,
) -> Result<T, SignatureError> {
    let (input, signature) = text.rsplit_once('.').ok_or(SignatureError::Malformed)?;
    let (head, payload) = input.split_once('.').ok_or(SignatureError::Malformed)?;
    if head != header(typ, key)? {
        return Err(SignatureError::Header { expected: typ.to_owned(), key: key.id() });
    }
    let decoding = DecodingKey::from_ed_components(&key.0).map_err(|_| SignatureError::Key)?;
    let fits = crypto::verify(signature, input.as_bytes(), &decoding, Algorithm::EdDSA).unwrap_or(false);
    if !fits {
        return Err(SignatureError::Wrong { key: key.id() });
    }
    let bytes = URL_SAFE_NO_PAD.decode(payload).map_err(|_| SignatureError::Malformed)?;
    let value: T = serde_json::from_slice(&bytes).map_err(|_| SignatureError::Content)?;
    if canonical(&value)? != bytes {
        return Err(SignatureError::NotCanonical);
    }
    Ok(value)
}

/// The content of a signed message before its signature was verified: only to find out which key to ask for.
///
/// # Errors
/// Where the text is malformed or lacks the fields.
pub fn peek<T: DeserializeOwned>(text: &str) -> Result<T, SignatureError> {
    serde_json::from_slice(&payload(text)?).map_err(|_| SignatureError::Content)
}

/// SHA-256 of a signed message's payload, in hexadecimal.
///
/// # Errors
/// Where the text is malformed.
pub fn payload_hash(text: &str) -> Result<String, SignatureError> {
    Ok(sha256_hex(&payload(text)?))
}

/// SHA-256 of bytes, in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn payload(text: &str) -> Result<Vec<u8>, SignatureError> {
    let payload = text.split('.').nth(1).ok_or(SignatureError::Malformed)?;
    URL_SAFE_NO_PAD.decode(payload).map_err(|_| SignatureError::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Note {
        number: i64,
        text: String,
    }

    fn note() -> Note {
        Note { number: 7, text: "seven".into() }
    }

    #[test]
    fn opens_what_it_signed_and_signs_the_same_bytes_twice() {
        let key = SigningKey::generate().unwrap();
        let signed = sign(&note(), "note+jws", &key).unwrap();
        assert_eq!(signed, sign(&note(), "note+jws", &key).unwrap());
        assert_eq!(open::<Note>(&signed, "note+jws", &key.public()).unwrap(), note());
    }

    #[cfg(unix)]
    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_mends_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let path = std::env::temp_dir().join(format!("tenfold-key-{}.pem", std::process::id()));
        let _ = fs::remove_file(&path);
        let made = SigningKey::open_or_create(&path).unwrap();
        assert_eq!(SigningKey::open_or_create(&path).unwrap().public(), made.public());
        for mode in [0o640, 0o604, 0o660, 0o610] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = SigningKey::open_or_create(&path).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{mode:o}");
            assert!(refused.to_string().contains(&format!("chmod 600 {}", path.display())), "{refused}");
        }
        fs::remove_file(&path).unwrap();
    }

    #[test]
    fn refuses_another_key_type_or_byte() {
        let key = SigningKey::generate().unwrap();
        let signed = sign(&note(), "note+jws", &key).unwrap();
        let other = SigningKey::generate().unwrap().public();
        assert!(matches!(open::<Note>(&signed, "note+jws", &other), Err(SignatureError::Header { .. })));
        assert!(matches!(
            open::<Note>(&signed, "memo+jws", &key.public()),
            Err(SignatureError::Header { .. })
        ));
        let mut parts: Vec<&str> = signed.split('.').collect();
        let payload = URL_SAFE_NO_PAD.encode("{\"number\":8,\"text\":\"seven\"}");
        parts[1] = &payload;
        let forged = parts.join(".");
        assert!(matches!(
            open::<Note>(&forged, "note+jws", &key.public()),
            Err(SignatureError::Wrong { .. })
        ));
        assert!(open::<Note>("", "note+jws", &key.public()).is_err());
        assert!(open::<Note>("a.b", "note+jws", &key.public()).is_err());
    }

    #[test]
    fn refuses_what_is_signed_but_not_canonical() {
        let key = SigningKey::generate().unwrap();
        for payload in ["{\"text\":\"seven\",\"number\":7}", "{\"number\": 7,\"text\":\"seven\"}"] {
            let input =
                format!("{}.{}", header("note+jws", &key.public).unwrap(), URL_SAFE_NO_PAD.encode(payload));
            let signature = crypto::sign(input.as_bytes(), &key.encoding, Algorithm::EdDSA).unwrap();
            let opened = open::<Note>(&format!("{input}.{signature}"), "note+jws", &key.public());
            assert!(matches!(opened, Err(SignatureError::NotCanonical)), "{opened:?}");
        }
    }
}
