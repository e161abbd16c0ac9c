//! One PostgreSQL for a whole test binary, from Debian's packages, in a folder that goes when the binary ends.
//!
//! A shell stands between: it stops the server and removes the folder as soon as the pipe to this process
//! closes, however the process ended. Text is sorted by ICU's rules for British English, not bytewise, so that
//! a query that leans on byte order is found out.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::{Context, anyhow, bail, ensure};
use tenfold_store::DatabaseUrl;

/// Where Debian's packages put the server's programs, a folder a version.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The user that Debian's packages make; the server refuses to run as root.
const USER: &str = "postgres";

/// Runs until its standard input closes. `$1` is the folder of programs, `$2` the server's own folder.
const KEEPER: &str = r#"
trap '' INT TERM HUP
end() { "$1/pg_ctl" -D "$2/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$2"; }
"$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale-provider=icu --icu-locale=en-GB \
    --locale=C.UTF-8 --no-sync >"$2/log" 2>&1 </dev/null &&
"$1/pg_ctl" -D "$2/data" -l "$2/log" -w -o "-k '$2' -c listen_addresses='' -c max_connections=400 \
    -c fsync=off -c log_min_messages=fatal" start >>"$2/log" 2>&1 </dev/null ||
{ tail -n 3 "$2/log" | tr '\n' ' '; end "$1" "$2"; exit 1; }
echo ready
read -r nothing
end "$1" "$2"
"#;

#[derive(Debug)]
struct Server {
    programs: PathBuf,
    folder: PathBuf,
    // Its open standard input is what keeps the server running.
    _keeper: Child,
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// A database of its own, empty; starts the server at the first call.
///
/// # Errors
/// Where PostgreSQL's programs are missing, with the command that installs them, or the server does not start.
pub fn fresh_database() -> anyhow::Result<DatabaseUrl> {
    let server = server()?;
    let name = format!("journey_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let folder = server.folder.to_string_lossy();
    said(Command::new(server.programs.join("createdb")).args(["-h", &folder, "-U", USER, &name]))?;
    Ok(format!("postgres://{USER}@/{name}?host={folder}").parse()?)
}

/// A copy of a database as it stands at one instant, taken while it is used: what a night's backup has.
///
/// # Errors
/// Where it is no database of this server, or cannot be copied.
pub fn copy_of(database: &DatabaseUrl) -> anyhow::Result<DatabaseUrl> {
    let server = server()?;
    let DatabaseUrl::Postgres(url) = database else { bail!("it is no database of this server") };
    let into = fresh_database()?;
    let DatabaseUrl::Postgres(to) = &into else { bail!("a fresh database is of this server") };
    let file = tempfile::NamedTempFile::new()?;
    let dump = said(Command::new(server.programs.join("pg_dump")).args(["--no-owner", "--dbname", url]))?;
    fs::write(file.path(), dump)?;
    let mut restore = Command::new(server.programs.join("psql"));
    restore.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", to, "--file"]);
    said(restore.arg(file.path()))?;
    Ok(into)
}

/// What a program of PostgreSQL wrote; an error with its own words where it failed.
fn said(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let done = command.output().with_context(|| format!("{name} cannot be run"))?;
    ensure!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr).trim());
    Ok(done.stdout)
}

fn server() -> anyhow::Result<&'static Server> {
    let server = SERVER.get_or_init(|| start().map_err(|error| format!("{error:#}")));
    server.as_ref().map_err(|error| anyhow!("{error}"))
}

fn start() -> anyhow::Result<Server> {
    let programs = programs(Path::new(VERSIONS))?;
    let folder = tempfile::Builder::new().prefix("tenfold-postgres-").tempdir()?.keep();
    let mut command = if is_root()? {
        let owner = format!("{USER}:{USER}");
        let given = Command::new("chown").arg(&owner).arg(&folder).status().context("chown cannot be run")?;
        ensure!(given.success(), "{} cannot be given to the user {USER}", folder.display());
        let mut command = Command::new("setpriv");
        command.args(["--reuid", USER, "--regid", USER, "--init-groups", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut keeper = command
        .args(["-c", KEEPER, "keeper"])
        .args([&programs, &folder])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("the shell that keeps PostgreSQL cannot be started")?;
    let mut said = String::new();
    let output = keeper.stdout.take().context("the keeper's output was piped")?;
    BufReader::new(output).read_line(&mut said)?;
    if said.trim() != "ready" {
        // Whatever the keeper left is removed; the reason is what matters.
        let _ = fs::remove_dir_all(&folder);
        bail!("PostgreSQL of {} does not start: {}", programs.display(), said.trim());
    }
    if let Some(input) = &mut keeper.stdin {
        input.flush()?;
    }
    Ok(Server { programs, folder, _keeper: keeper })
}

/// The programs of the newest version installed.
fn programs(versions: &Path) -> anyhow::Result<PathBuf> {
    let entries = fs::read_dir(versions).into_iter().flatten().flatten();
    let newest = entries
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .max();
    let (_, bin) = newest.with_context(|| {
        format!(
            "PostgreSQL's programs are not in {}/*/bin; install them: sudo apt-get install postgresql",
            versions.display()
        )
    })?;
    Ok(bin)
}

fn is_root() -> anyhow::Result<bool> {
    let output = Command::new("id").arg("-u").output().context("id cannot be run")?;
    Ok(output.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_programs_are_named_with_the_command_that_installs_them() {
        let empty = tempfile::tempdir().unwrap();
        let error = programs(empty.path()).unwrap_err().to_string();
        assert!(error.ends_with("install them: sudo apt-get install postgresql"), "{error}");
    }
}
