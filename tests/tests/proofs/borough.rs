//! A borough's real node in a folder of its own, and the keys with which a region speaks to it.

use std::{fs, path::Path};

use diesel::RunQueryDsl as _;
use tempfile::TempDir;
use tenfold_common::{
    calendar::Quarter,
    clock::Moment,
    geography::BoroughCode,
    privacy::{
        Policy, Question, Rho, Table, VerifiedPolicy,
        policy::{POLICY_TYPE, Plan},
        question::QUESTION_TYPE,
    },
    protocol::{Bundle, SigningKey, enrolment::BUNDLE_FORMAT, release::ReleaseBody, signature},
};
use tenfold_node::{
    duties::{Node, adopt, approve, create, prepare, seal},
    release::noise::NoiseSource,
    store,
};
use tenfold_store::{Account, DatabaseUrl, Role, Signer, StoreError, accounts};

/// The password of the approver.
const PASSWORD: &str = "a long password";

/// The region as a node knows it: its policy and its two signing keys.
pub(crate) struct Region {
    policy_key: SigningKey,
    receipt_key: SigningKey,
    signed: String,
    pub(crate) policy: VerifiedPolicy,
}

impl Region {
    /// A region with the default policy.
    pub(crate) fn new() -> Self {
        let framework = tenfold_common::framework::Framework::shipped();
        let policy = Policy::plan(Plan {
            name: "proof".into(),
            rehearsal: true,
            first_quarter: first_quarter(),
            opening: true,
            total: Rho::from_nano(250_000_000),
            framework: framework.name.clone(),
            problems: framework.problem_labels(),
        });
        let policy_key = SigningKey::generate().unwrap();
        let signed = signature::sign(&policy, POLICY_TYPE, &policy_key).unwrap();
        let policy = VerifiedPolicy::open(&signed, &policy_key.public()).unwrap();
        Self { policy_key, receipt_key: SigningKey::generate().unwrap(), signed, policy }
    }

    /// A question, signed.
    pub(crate) fn sign_question(&self, question: &Question) -> String {
        signature::sign(question, QUESTION_TYPE, &self.policy_key).unwrap()
    }
}

/// The first quarter of the proofs' horizon.
pub(crate) fn first_quarter() -> Quarter {
    "2015-Q2".parse().unwrap()
}

/// A person of the borough.
pub(crate) fn person(role: Role) -> Account {
    Account { name: role.to_string(), display_name: role.to_string(), role }
}

/// A borough's node, enrolled and under the region's policy.
pub(crate) struct BoroughNode {
    pub(crate) node: Node,
    folder: TempDir,
    signer: Signer,
}

impl BoroughNode {
    /// Makes the node; `like` gives it another node's keys, so that the two differ only in their registers.
    pub(crate) fn new(region: &Region, borough: &str, like: Option<&Self>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = folder.path().join("clock.txt");
        let now = Moment::at_start_of(first_quarter().first_day());
        fs::write(&clock, now.to_string()).unwrap();
        if let Some(other) = like {
            copy_keys(&other.folder.path().join("keys"), &folder.path().join("keys"));
        }
        let borough: BoroughCode = borough.parse().unwrap();
        let making = create::Making {
            borough: borough.clone(),
            rehearsal_clock: Some(clock),
            cap: Rho::from_nano(250_000_000),
            officer: "officer".into(),
        };
        let database = DatabaseUrl::Sqlite(folder.path().join("node.sqlite"));
        let node = create::create(folder.path(), &database, &making, now).unwrap();
        // These proofs need no connection, so the bundle carries no certificate.
        let bundle = Bundle {
            format: BUNDLE_FORMAT.into(),
            borough,
            certificate_chain_pem: String::new(),
            root_pem: String::new(),
            ingest_url: "https://localhost".into(),
            pages_url: String::new(),
            policy_key: region.policy_key.public(),
            receipt_key: region.receipt_key.public(),
            policy: region.signed.clone(),
            first_quarter: first_quarter(),
        };
        node.store.write(|connection| store::identity::keep_bundle(connection, &bundle)).unwrap();
        adopt::adopt_policy(&node, &region.signed, "officer").unwrap();
        match like {
            Some(other) => copy_approver(other, &node),
            None => accounts::add(&node.store, &person(Role::Approver), PASSWORD, now).unwrap(),
        }
        let signer = node.signer("approver", PASSWORD).unwrap();
        Self { node, folder, signer }
    }

    /// Moves the node's clock.
    pub(crate) fn at(&self, moment: Moment) {
        fs::write(self.folder.path().join("clock.txt"), moment.to_string()).unwrap();
    }

    /// Prepares, approves, charges, draws and seals a quarter by the node's own duties; returns what was
    /// released and the true tables beneath it.
    pub(crate) fn release(
        &self,
        region: &Region,
        quarter: Quarter,
        noise: &impl NoiseSource,
    ) -> (ReleaseBody, Vec<Table>) {
        let truth = self.prepare(region, quarter);
        let prepared =
            self.node.store.read(|connection| store::releases::preparation_of(connection, quarter));
        let shown = prepared.unwrap().unwrap().salted_hash;
        approve::approve(&self.node, quarter, &self.signer, &shown).unwrap();
        tenfold_tests::word::hear(&self.node, &region.receipt_key).unwrap();
        let sealed = seal::seal_next(&self.node, noise).unwrap().unwrap();
        (signature::peek(&sealed.bytes).unwrap(), truth)
    }

    /// Prepares a quarter once its recording period has ended and returns its true tables.
    fn prepare(&self, region: &Region, quarter: Quarter) -> Vec<Table> {
        self.at(region.policy.recording_ends(quarter));
        prepare::prepare(&self.node, quarter, &person(Role::Analyst)).unwrap();
        let tables = self
            .node
            .store
            .read(|connection| prepare::thaw(&self.node, connection, &region.policy, quarter))
            .unwrap();
        tables.show_locally().clone()
    }
}

/// One approver in both nodes, with one signing key, which the ledger names.
fn copy_approver(from: &BoroughNode, to: &Node) {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        row: String,
    }
    for (table, columns) in [
        ("account", "name, display_name, role, password_hash, created_at, failures"),
        ("signing_key", "public_key, account, origin, made_at, salt, sealed"),
    ] {
        let quoted: Vec<String> = columns.split(", ").map(|column| format!("quote({column})")).collect();
        let read = format!("SELECT {} AS row FROM {table}", quoted.join(" || ', ' || "));
        let rows = from
            .node
            .store
            .read(|connection| Ok::<_, StoreError>(diesel::sql_query(read).load::<Row>(connection)?));
        for Row { row } in rows.unwrap() {
            let insert = format!("INSERT INTO {table} ({columns}) VALUES ({row})");
            let done = to
                .store
                .write(|connection| Ok::<_, StoreError>(diesel::sql_query(insert).execute(connection)?));
            done.unwrap();
        }
    }
}

fn copy_keys(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}
