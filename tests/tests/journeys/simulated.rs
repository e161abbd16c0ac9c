//! Random days in the life of a federation.

use std::thread;

use tenfold_tests::simulation::{Act, Point, Programme, play, play_many, shrink};

/// Programmes that are played; the bench plays 500.
const PROGRAMMES: u64 = 30;

#[test]
fn random_days_end_with_every_family_counted_once() {
    let workers = thread::available_parallelism().map_or(2, usize::from).min(4);
    let played = play_many(0, PROGRAMMES, workers, |_| {});
    if let Some(failure) = played.failures.first() {
        let least = shrink(failure);
        let acts = serde_json::to_string(&least.programme).expect("a programme can be written");
        panic!("seed {}: {}\nThe least that fails: {acts}", least.programme.seed, least.error);
    }
    // They did something: a good part of the releases were receipted before anything was mended, and most kinds of act occurred.
    let (before, all) = played.releases;
    assert!(before * 4 > all, "{before} of {all} releases came before mending");
    assert!(played.acts.len() >= 30, "{:?}", played.acts);
}

/// A programme that failed once.
fn plays(acts: Vec<Act>) {
    let programme = Programme { seed: 0, boroughs: 2, quarters: 3, acts };
    if let Err(error) = play(&programme) {
        panic!("{:?}: {error:?}", programme.acts);
    }
}

/// The first quarter of both boroughs is approved.
fn approved() -> Vec<Act> {
    use Act::*;
    vec![
        Until(0, Point::Loaded),
        Load(0),
        Load(1),
        Until(0, Point::Recorded),
        Prepare(0),
        Approve(0),
        Prepare(1),
        Approve(1),
    ]
}

/// Whatever answer is lost, the region that is then put back to before it can be told all that it had signed: else it
/// would wait for ever for entries that nobody has.
#[test]
fn a_region_put_back_after_a_lost_answer_goes_on() {
    for call in 0..6 {
        let mut acts = approved();
        acts.extend([Act::BackUpRegion, Act::DropResponse(0, call), Act::RestoreRegion(call % 2 == 0)]);
        plays(acts);
    }
}

/// A region that is put back to before a node was enrolled again hears that node: it may be the only one that knows
/// what is missing.
#[test]
fn a_region_put_back_to_before_an_enrolment_goes_on() {
    let mut acts = vec![Act::BackUpRegion];
    acts.extend([0, 1].map(Act::Revoke));
    acts.extend([0, 1].map(Act::Enrol));
    acts.extend(approved());
    acts.extend([Act::Deliver(0), Act::Deliver(1), Act::RestoreRegion(true), Act::Deliver(0)]);
    plays(acts);
}

/// A request that is carried to a region that was put back is refused in words, and not answered by a failure.
#[test]
fn a_request_carried_to_a_region_put_back_is_refused() {
    let mut acts = vec![Act::BackUpRegion];
    acts.extend(approved());
    acts.extend([Act::Deliver(1), Act::Ask(0), Act::RestoreRegion(true), Act::CarryDraw(0)]);
    plays(acts);
}

/// A policy that the backup does not know comes back from the borough that adopted it, though another borough, which
/// did not, gave back the log's entries first: else the region would release the quarter under the policy before, and that
/// borough never again.
#[test]
fn a_region_put_back_to_before_a_policy_that_one_borough_adopted_goes_on() {
    let mut acts = vec![Act::BackUpRegion, Act::Succeed, Act::Adopt(1)];
    acts.extend(approved());
    acts.extend([Act::Deliver(0), Act::Deliver(1), Act::RestoreRegion(false), Act::Ask(0)]);
    plays(acts);
}

/// The same where the policy was carried to the borough, and nobody called since: no entry of it is left anywhere.
#[test]
fn a_region_put_back_to_before_a_policy_that_no_entry_speaks_of_goes_on() {
    for whole in [false, true] {
        let mut acts = approved();
        acts.extend([Act::Deliver(0), Act::Deliver(1), Act::BackUpRegion, Act::Succeed, Act::Adopt(0)]);
        acts.push(Act::RestoreRegion(whole));
        plays(acts);
    }
}

/// A region that went on without an entry that nobody had gets its releases again from a borough that only delivers:
/// the one it lost, and then the next.
#[test]
fn a_region_that_lost_a_receipted_release_gets_it_with_the_next() {
    let mut acts = vec![Act::BackUpRegion];
    acts.extend(approved());
    acts.extend([Act::Deliver(0), Act::Until(0, Point::Delivered), Act::Deliver(0)]);
    acts.extend([Act::Until(1, Point::Loaded), Act::Load(0), Act::Until(1, Point::Recorded)]);
    acts.extend([Act::Prepare(0), Act::Approve(0), Act::Deliver(0), Act::BackUp(0)]);
    acts.extend([Act::Until(1, Point::Delivered), Act::DropResponse(0, 0), Act::RestoreRegion(false)]);
    acts.push(Act::Until(2, Point::Loaded));
    plays(acts);
}

/// What is carried home as a file brings the log with it: else the region that is then put back would wait for ever for
/// entries that it had spoken of and that nobody was given.
#[test]
fn a_region_put_back_after_it_answered_by_file_goes_on() {
    let mut acts = approved();
    acts.extend([Act::Deliver(1), Act::BackUpRegion, Act::CarryDraw(0), Act::RestoreRegion(false)]);
    acts.push(Act::Deliver(0));
    plays(acts);
    let mut acts = vec![Act::Outage];
    acts.extend(approved());
    acts.extend([Act::BackUpRegion, Act::CarryDraw(0), Act::Until(0, Point::Delivered)]);
    acts.extend([Act::CarryRelease(0), Act::CarryReceipt(0), Act::RestoreRegion(false), Act::Deliver(0)]);
    plays(acts);
}
/// One copy sealed under the old release key while another rotated it, and the one that rotated is destroyed: what the
/// other sealed is taken, and it goes on.
#[test]
fn a_release_key_that_is_lost_with_a_copy_stops_nobody() {
    use Act::*;
    let mut acts = approved();
    acts.extend([Ask(0), Clone(0), Draw(0), Deliver(0), Until(0, Point::Delivered), Deliver(0)]);
    acts.extend([Until(1, Point::Recorded), Prepare(0), Approve(0), Deliver(0)]);
    acts.extend([RotateReleaseKey(0), EndCopies(0)]);
    plays(acts);
}

/// The node that goes on is from before the rotation; a region that was put back to before it hears of the lost key.
#[test]
fn a_node_from_before_a_rotation_goes_on() {
    use Act::*;
    plays(vec![BackUp(0), Revert(0), RotateReleaseKey(0), EndCopies(0)]);
    plays(vec![BackUpRegion, BackUp(0), Revert(0), RotateReleaseKey(0), EndCopies(0), RestoreRegion(false)]);
    // It rotates anew, and another copy is from before that.
    plays(vec![
        BackUp(0),
        Revert(0),
        RotateReleaseKey(0),
        EndCopies(0),
        RotateReleaseKey(0),
        BackUp(0),
        Revert(0),
        RotateReleaseKey(0),
        EndCopies(0),
    ]);
}
