//! What a node does not adopt, and what it does not release: each refusal of a policy that does not follow, met alone.

use tenfold_common::{
    calendar::Quarter,
    privacy::{Policy, PolicyError, Rho, VerifiedPolicy, policy::POLICY_TYPE},
    protocol::{Bundle, RefusalReason, signature},
};
use tenfold_node::{
    duties::{AdoptionFault, DutyError, adopt, prepare, refuse},
    store,
};
use tenfold_tests::federation::{self, CAP, Database, Federation, Member, OFFICER, Running};

const BOTH: [Database; 2] = [Database::Sqlite, Database::Postgres];

/// What the region's key would sign, were its own program not to refuse it first.
fn signed(federation: &Running, policy: &Policy) -> anyhow::Result<String> {
    Ok(signature::sign(policy, POLICY_TYPE, &federation.aggregator.policy_key)?)
}

/// A policy that follows the one in force at a quarter, with a change.
fn next(federation: &Running, first: Quarter, change: impl FnOnce(&mut Policy)) -> anyhow::Result<String> {
    let mut policy = federation::plan("The next policy", first, CAP);
    policy.succeeds = Some(federation.policy()?.hash().to_owned());
    change(&mut policy);
    signed(federation, &policy)
}

/// Why a policy was not adopted; nothing was charged for it.
fn not_adopted(member: &Member, policy: &str) -> anyhow::Result<DutyError> {
    let before = member.node.store.read(store::ledger::lines)?;
    let told = adopt::adopt_policy(&member.node, policy, OFFICER).expect_err("it does not follow");
    assert_eq!(member.node.store.read(store::ledger::lines)?, before);
    Ok(told)
}

fn says(told: &DutyError, words: &str) {
    assert!(told.to_string().contains(words), "{words}: {told}");
}

/// The region rules the next quarter by a policy that this node has not adopted: nothing is charged or drawn under the
/// other, by whatever way the region's word comes. Void under the old one, the quarter's families wait for the new.
#[tokio::test]
async fn a_quarter_that_another_policy_rules_is_neither_charged_nor_drawn() -> anyhow::Result<()> {
    for database in BOTH {
        let federation = Federation::new().on(database).at("2015-04-01")?;
        let member = &federation.members[0];
        let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
        federation.when_recorded(first)?;
        member.release(first)?;
        member.deliver().await?;
        federation.when_delivered(first)?;
        member.deliver().await?;
        let new = federation.succeed("The second policy", second, Rho::from_nano(200_000_000))?;

        // The node has not heard of it and goes on under the old one.
        federation.when_recorded(second)?;
        member.release(second)?;
        let charged = member.node.store.read(store::ledger::lines)?;
        let told = member.deliver().await.unwrap_err();
        let DutyError::OtherPolicy { quarter, name, hash } = &told else { panic!("{told:?}") };
        assert_eq!((*quarter, name.as_str(), hash.as_str()), (second, "The second policy", new.hash()));
        says(&told, "nothing was charged");
        assert_eq!(member.node.store.read(store::ledger::lines)?, charged);
        assert_eq!(member.sealed()?.len(), 1);

        // It cannot take over what is approved under the old one.
        let told = not_adopted(member, new.signed())?;
        assert!(matches!(told, DutyError::Adoption(AdoptionFault::NotAdopted { .. })), "{told:?}");
        says(&told, "is approved or released under \"Rehearsal policy\" already");
        // Declared void, it can; the void quarter is then said under the policy that rules it.
        refuse::void(&member.node, second, RefusalReason::Other, "", &member.signer()?)?;
        adopt::adopt_policy(&member.node, new.signed(), OFFICER)?;
        assert_eq!(member.deliver().await?.sealed, Some(second));
        assert_eq!(member.newest()?.policy, new.hash());
        federation.when_delivered(second)?;
        assert_eq!(member.deliver().await?.receipted, [second]);
    }
    Ok(())
}

/// A borough that begins before or after a policy's horizon does not adopt it as its first.
#[test]
fn the_first_policy_rules_the_first_release() -> anyhow::Result<()> {
    let federation = Federation::new().for_quarters(2).at("2015-04-01")?;
    let enrolled = &federation.members[0];
    let known = enrolled.node.bundle()?;
    for first in [-1, 2] {
        let first_quarter = known.first_quarter.plus(first);
        let member = federation.newcomer(enrolled.borough(), &format!("from {first_quarter}"))?;
        let bundle = Bundle { first_quarter, ..known.clone() };
        let told = federation.welcome(&member, &bundle).unwrap_err().to_string();
        assert!(told.contains(&format!("first release is for {first_quarter}")), "{told}");
        assert!(told.contains("the policy rules 2015-Q2 to 2015-Q3"), "{told}");
        let lines = member.node.store.read(store::ledger::lines)?;
        assert!(lines.iter().all(|line| line.stream.is_empty()), "something was charged");
    }
    Ok(())
}

/// Before anything was approved the region may mend its policy; from then on only one that names the one before.
#[test]
fn what_names_no_predecessor_is_adopted_only_before_the_first_approval() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let first = federation.quarter(0)?;
    federation.when_recorded(first)?;
    prepare::prepare(&member.node, first, &member.analyst)?;
    let mended = signed(&federation, &federation::plan("Mended", first, CAP))?;
    adopt::adopt_policy(&member.node, &mended, OFFICER)?;
    let kept = member.node.store.read(|connection| store::releases::preparation_of(connection, first))?;
    assert!(kept.is_none(), "what was prepared under the one before stays");
    member.release(first)?;
    let again = signed(&federation, &federation::plan("Mended again", first, CAP))?;
    let told = not_adopted(member, &again)?;
    assert!(matches!(told, DutyError::Adoption(AdoptionFault::NotAdopted { .. })), "{told:?}");
    says(&told, "expected a policy that names it as the one before");
    Ok(())
}

/// The node checks by itself that a policy keeps what is added up over both, whatever the region signed.
#[test]
fn what_is_not_kept_from_policy_to_policy_is_not_adopted() -> anyhow::Result<()> {
    let federation = Federation::new().at("2015-04-01")?;
    let member = &federation.members[0];
    let [first, second] = [federation.quarter(0)?, federation.quarter(1)?];
    let late = federation.policy()?.last_quarter().plus(2);
    type Change = fn(&mut Policy);
    let changes: [(Quarter, Change, &str); 6] = [
        (first, |_| {}, "it begins with 2015-Q2, expected 2015-Q3"),
        (late, |_| {}, "it begins with 2021-Q3"),
        (second, |policy| policy.opening = false, "both have an opening position or none"),
        (second, |policy| drop(policy.boroughs.pop()), "is missing or has other wards"),
        (second, |policy| policy.boroughs[0].wards.swap(0, 1), "is missing or has other wards"),
        (second, |policy| policy.streams[0].label_sets[0].labels.swap(0, 1), "a stream's name is for ever"),
    ];
    for (from, change, words) in changes {
        let told = not_adopted(member, &next(&federation, from, change)?)?;
        assert!(matches!(told, DutyError::Policy(PolicyError::NotSuccessor { .. })), "{words}: {told:?}");
        says(&told, words);
    }
    // One that changes nothing of that is adopted, so each change alone was what was refused.
    let follows = next(&federation, second, |_| {})?;
    let adopted: VerifiedPolicy = adopt::adopt_policy(&member.node, &follows, OFFICER)?;
    assert_eq!(member.node.policy_of(second)?.hash(), adopted.hash());
    Ok(())
}
