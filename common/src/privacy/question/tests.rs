use super::*;
use crate::{
    privacy::policy::{ATTACHED, POLICY_TYPE, tests::policy},
    protocol::SigningKey,
};

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

fn policies(key: &SigningKey) -> Succession {
    let signed = signature::sign(&policy(), POLICY_TYPE, key).unwrap();
    VerifiedPolicy::open(&signed, &key.public()).unwrap().into()
}

fn question(policies: &Succession) -> Question {
    Question {
        format: QUESTION_FORMAT.into(),
        name: "by-referral".into(),
        title: "Families attached by referral source".into(),
        policy: policies.hash().into(),
        stream: ATTACHED.into(),
        from: quarter("2015-Q3"),
        to: quarter("2016-Q1"),
        by: Characteristic::ReferralSource,
        labels: REFERRAL_SOURCES.map(str::to_owned).to_vec(),
        by_place: false,
        sigma: 10,
    }
}

fn open(key: &SigningKey, question: &Question) -> Result<VerifiedQuestion, QuestionError> {
    let signed = signature::sign(question, QUESTION_TYPE, key).unwrap();
    VerifiedQuestion::open(&signed, &key.public(), &[policies(key).newest().clone()])
}

#[test]
fn a_question_costs_one_over_twice_its_noise_squared() {
    let key = SigningKey::generate().unwrap();
    let asked = question(&policies(&key));
    let verified = open(&key, &asked).unwrap();
    assert_eq!(verified.cost(), Rho::from_nano(5_000_000));
    assert_eq!(verified.ledger_name(), "question/by-referral");
    let by_place = open(&key, &Question { by_place: true, ..asked.clone() }).unwrap();
    assert_eq!(by_place.cost(), verified.cost(), "a family is in one cell, however many there are");
    let policies = policies(&key);
    let cells =
        |asked: &VerifiedQuestion| asked.cells(policies.newest(), &"E08000003".parse().unwrap()).unwrap();
    assert_eq!((cells(&verified), cells(&by_place)), (9, 297));
    assert_eq!((verified.cell(3, 5), by_place.cell(3, 5)), (5, 32));
    // Rounded up: a third of a nano-ρ is a whole one.
    assert_eq!(Question { sigma: 3, ..asked }.cost(), Ok(Rho::from_nano(55_555_556)));
}

/// The least whole σ that a loss pays for, neither more nor less.
#[test]
fn noise_for_a_loss_is_the_least_that_it_pays_for() {
    for nano in [500_000_000, 499_999_999, 12_500_000, 10_204_082, 10_204_081, 1_000, 1] {
        let rho = Rho::from_nano(nano);
        let sigma = Question::sigma_for(rho).unwrap();
        assert!(Rho::of_group(1, 1, sigma).unwrap() <= rho, "{nano}");
        assert!(sigma == 1 || Rho::of_group(1, 1, sigma - 1).unwrap() > rho, "{nano}");
    }
    assert_eq!(Question::sigma_for(Rho::from_nano(12_500_000)), Some(7));
    assert_eq!(Question::sigma_for(Rho::ZERO), None, "no noise costs nothing");
}

#[test]
fn what_is_no_question_of_the_policy_is_refused() {
    let key = SigningKey::generate().unwrap();
    let sound = question(&policies(&key));
    assert!(open(&key, &sound).is_ok());
    type Change = fn(&mut Question);
    let changes: [(Change, &str); 14] = [
        (|asked| asked.format = "tenfold-question/2".into(), "expected \"tenfold-question/1\""),
        (|asked| asked.name = "By referral".into(), "cannot name a question"),
        (|asked| asked.name = "by--referral".into(), "cannot name a question"),
        (|asked| asked.name = String::new(), "cannot name a question"),
        (|asked| asked.policy = "ab".into(), "policy ab, which is not known here"),
        (|asked| asked.stream = "helped".into(), "expected one of attached"),
        (|asked| asked.from = "2016-Q2".parse().unwrap(), "quarters of the policy in order"),
        (|asked| asked.from = "2015-Q2".parse().unwrap(), "none of them the opening position"),
        (|asked| asked.to = "2022-Q1".parse().unwrap(), "quarters of the policy"),
        (|asked| drop(asked.labels.pop()), "cannot choose among them"),
        (|asked| asked.labels.swap(0, 1), "cannot choose among them"),
        (|asked| asked.by = Characteristic::Children, "cannot choose among them"),
        (|asked| asked.sigma = 0, "expected at least 1"),
        (|asked| asked.sigma = 1 << 41, "more cannot be drawn"),
    ];
    for (change, words) in changes {
        let mut asked = sound.clone();
        change(&mut asked);
        let refused = open(&key, &asked).unwrap_err().to_string();
        assert!(refused.contains(words), "{words}: {refused}");
    }
    let stranger = SigningKey::generate().unwrap();
    let signed = signature::sign(&sound, QUESTION_TYPE, &stranger).unwrap();
    let refused = VerifiedQuestion::open(&signed, &key.public(), &[policies(&key).newest().clone()]);
    assert!(matches!(refused, Err(QuestionError::Signature(_))));
}

/// A policy that takes over before the answer leaves the question without one.
#[test]
fn a_question_is_answered_under_the_policy_that_pays_for_it() {
    let key = SigningKey::generate().unwrap();
    let before = policies(&key);
    let asked = open(&key, &question(&before)).unwrap();
    let taking_over = |first: &str| {
        let mut next = policy();
        (next.succeeds, next.first_quarter) = (Some(before.hash().into()), quarter(first));
        let signed = signature::sign(&next, POLICY_TYPE, &key).unwrap();
        before.clone().followed_by(VerifiedPolicy::open(&signed, &key.public()).unwrap()).unwrap()
    };
    assert!(asked.is_ruled(&before).is_ok() && asked.is_ruled(&taking_over("2016-Q2")).is_ok());
    let refused = asked.is_ruled(&taking_over("2016-Q1")).unwrap_err().to_string();
    assert!(refused.contains("which rules 2016-Q1"), "{refused}");
}

#[test]
fn the_reserve_is_never_passed_and_what_used_it_is_said() {
    let key = SigningKey::generate().unwrap();
    let policies = policies(&key);
    let reserve = policies.newest().policy().reserve;
    assert_eq!(reserve, Rho::from_nano(12_500_000));
    let asked = |name: &str, sigma| {
        open(&key, &Question { name: name.into(), sigma, ..question(&policies) }).unwrap()
    };
    let (one, other) = (asked("one", 10), asked("other", 9));
    let policy = policies.newest();
    assert!(
        one.within_reserve(policy, &[]).is_ok()
            && other.within_reserve(policy, std::slice::from_ref(&one)).is_ok()
    );
    let before = [one, other];
    let refused = asked("third", 13).within_reserve(policy, &before).unwrap_err().to_string();
    assert_eq!(
        refused,
        "the question costs ρ = 0.00295858, 0.00132716 is left of the reserve of 0.0125; the rest was used by one, other"
    );
    let twenty = asked("third", 20);
    assert!(twenty.within_reserve(policy, &before).is_ok());
    assert!(asked("third", 6).within_reserve(policy, &[]).is_err(), "6 costs 0.0139 alone");
}
