//! Any total leads to lines and files, and back to the same pence.

use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use tenfold_node::{
    claims::split::Rule,
    duties::{
        claim::{self, Families, look, trace},
        share,
    },
    register::FamilyId,
    synth,
};
use tenfold_tests::{federation::Federation, rows::OnDisk};

const WINDOWS: usize = 12;

/// Two hundred times a window's total by a seed → its claims → their files, found again on the disk by their
/// SHA-256 → the rows of those files, each read again → what partners and council take, added up again.
#[tokio::test]
async fn two_hundred_totals_are_traced_to_their_files_and_added_up_again() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let (node, analyst) = (&member.node, &member.analyst);
    let plan = member.synthetic(federation.quarter(0)?, 6, 0.2);
    let extracts = federation.folder().join("extracts");
    synth::write(&plan, &extracts)?;
    let mut on_disk = OnDisk::default();
    for index in 0..6 {
        let quarter = federation.quarter(index)?;
        federation.when_loaded(quarter);
        member.load_extracts(&extracts, quarter)?;
        on_disk.add(&extracts.join(quarter.to_string()))?;
    }
    let mut dice = ChaCha8Rng::seed_from_u64(200);
    let today = node.now().day();
    let mut families: Vec<FamilyId> = look::work_list(node)?
        .into_iter()
        .filter(|line| line.claimable.in_words() == "now")
        .map(|line| FamilyId(line.family))
        .collect();
    families.shuffle(&mut dice);
    let name = |window: usize| format!("W{window}");
    for window in 0..WINDOWS {
        claim::open_window(node, &name(window), (today, today), None, None, analyst)?;
        let these: Vec<FamilyId> = families.iter().skip(window).step_by(WINDOWS).cloned().collect();
        claim::draft(node, &name(window), &Families::Named(these), analyst)?;
    }
    for percent in [1_u32, 33, 50] {
        let partner = format!("Service {percent}");
        share::add(node, &partner, Rule::Commissioned { percent }, analyst)?;
        families.shuffle(&mut dice);
        share::attribute(node, &partner, &families[..families.len() / 3], analyst)?;
    }
    let (mut shared, mut totals) = (0, BTreeSet::new());
    let (mut rows, mut looked_up) = (0, BTreeSet::new());
    for seed in 0..200 {
        let window = ChaCha8Rng::seed_from_u64(seed).random_range(0..WINDOWS);
        let traced = trace::trace(node, &name(window))?;
        let of_lines: i64 = traced.claims.iter().map(|claim| claim.claim.pence).sum();
        let parts = traced.claims.iter().map(|claim| {
            let partners: u64 = claim.partners.iter().map(|(_, pence)| pence).sum();
            shared += usize::from(partners > 0);
            partners + claim.council_pence
        });
        let parts: u64 = parts.sum();
        assert_eq!((of_lines, parts.cast_signed()), (traced.pence, traced.pence), "seed {seed}");
        assert_eq!(traced.added_up_pence, traced.pence, "seed {seed}");
        assert!(traced.claims.iter().all(|claim| !claim.files.is_empty()), "seed {seed}");
        for file in &traced.files {
            assert!(on_disk.has(&file.sha256), "seed {seed}: {} is not on the disk", file.file);
        }
        // What a claim keeps never changes, so each window's rows are read once.
        if looked_up.insert(window) {
            for claim in &traced.claims {
                rows += on_disk.compare(member, claim)?;
            }
        }
        totals.insert(traced.pence);
    }
    assert!(looked_up.len() > 8 && rows > 1_000, "{rows} rows of {} windows", looked_up.len());
    assert!(shared > 100 && totals.len() > 1, "{shared} shared lines, {} totals", totals.len());
    Ok(())
}
