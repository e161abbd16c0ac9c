//! The black-box audit at a small shape: the program is as private as it says, and every planted bug is found.
//!
//! 40 families besides the target, 4 quarters, 3 wards, 6 problems, ρ = 2, 172 numbers sent.

use tenfold_tests::audit::{Audited, Bug, Fault, Setting, Target, audit};

/// Probability with which one audit rejects a correct program.
const FALSE_ALARM: f64 = 1e-6;

fn audited(target: Target, bug: Bug, programmes: usize) -> Audited {
    audit(&Setting::small(target).unwrap(), bug, programmes, |_| ()).unwrap()
}

/// 1,500 programmes an arm with a whole family in every stream, and as many with one label of one family.
#[test]
fn what_is_sent_tells_no_more_than_promised() {
    for target in [Target::EveryStream, Target::OneLabel] {
        let found = audited(target, Bug::None, 1_500);
        assert_eq!((found.outputs, found.attacks.len()), (172, 3));
        assert!(found.defined <= found.promised && found.defined > 0.999 * found.promised, "{found:?}");
        assert_eq!(found.fault(FALSE_ALARM), None, "{found:?}");
        // The attackers are good ones: they are sure of much of what is possible.
        assert!(found.lower(0.01) > 0.25 * found.promised, "{found:?}");
    }
}

/// Audits of one bug at most; a good attacker misses it in few of a hundred, hence in none of three.
const AUDITS: usize = 3;

/// What must be found, 1,200 programmes an arm (who learns from examples needs twice as many as numbers sent): five bugs
/// that leak, by the 99 % lower bound, and one that falsifies. The wrong sign leaks as much as is promised and no more:
/// there the bound must be surer.
#[test]
fn every_planted_bug_is_found() {
    for bug in Bug::ALL {
        let (expected, false_alarm) =
            if bug == Bug::WrongSign { (Fault::Direction, FALSE_ALARM) } else { (Fault::Leak, 0.01) };
        let find = |_| audited(Target::EveryStream, bug, 1_200).fault(false_alarm) == Some(expected);
        assert!((0..AUDITS).any(find), "{} was not found", bug.name());
    }
}
