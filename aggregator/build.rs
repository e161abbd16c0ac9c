//! Rebuilds when a migration or a template is added: the embedding macros do not see new files by themselves.
fn main() {
    println!("cargo:rerun-if-changed=../migrations/aggregator");
    println!("cargo:rerun-if-changed=templates");
    println!("cargo:rerun-if-changed=../common/web/templates");
}
