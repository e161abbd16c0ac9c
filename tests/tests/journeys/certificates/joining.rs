//! Joining by invitation or by approval over the network, coming back after an end, and being told why.

use tenfold_aggregator::duties::{apply, come_back, enrol};
use tenfold_common::{
    clock::Moment,
    protocol::{
        joining::{Application, Invitation, State, WHY_FORMAT, WHY_TYPE, WhyRequest},
        signature,
    },
};
use tenfold_node::{
    duties::{
        adopt,
        apply::{Entry, apply as ask_in, standing},
        create, renew,
    },
    front::Front,
    region::Way,
};
use tenfold_tests::federation::{CENTRE, Door, Federation, Member, OFFICER, Running};
use tenfold_web::tls;

use super::{enrolments, fingerprint, key_files};

fn region_with_pages() -> anyhow::Result<(Running, Door, Front)> {
    let mut federation = Federation::new().with_nodes(0).at("2015-04-01")?;
    let pages = federation.open_pages()?;
    let front = Front::open(&federation.aggregator.public_url, &Way::straight())?;
    Ok((federation, pages, front))
}

fn newcomer(federation: &Running, code: &str, name: &str) -> anyhow::Result<Member> {
    federation.newcomer(&code.parse()?, name)
}

fn invite(federation: &Running, code: &str, days: u16) -> anyhow::Result<(Invitation, Moment)> {
    Ok(apply::invite(&federation.aggregator, &code.parse()?, days, CENTRE)?)
}

async fn told(member: &Member, front: &Front, invitation: Invitation) -> String {
    ask_in(&member.node, front, &Entry::Invited(invitation), OFFICER).await.unwrap_err().to_string()
}

#[tokio::test]
async fn an_invitation_lets_in_once() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = newcomer(&federation, "E08000001", "invited")?;
    let (invitation, _) = invite(&federation, "E08000001", 7)?;
    let typed: Invitation = invitation.to_string().parse()?;
    let bundle =
        ask_in(&member.node, &front, &Entry::Invited(typed.clone()), OFFICER).await?.expect("let in");
    assert_eq!(bundle, member.node.bundle()?);
    assert_eq!(bundle.pages_url, federation.aggregator.public_url);
    adopt::adopt_policy(&member.node, &bundle.policy, OFFICER)?;
    assert!(member.region()?.statement().await.is_ok());
    // Whoever overheard it comes too late, and the borough is told how to take that.
    let thief = newcomer(&federation, "E08000001", "thief")?;
    let words = told(&thief, &front, typed).await;
    assert!(words.contains("it was used on 2015-04-01T09:00:00Z and lets in once"), "{words}");
    assert!(thief.region().is_err());
    let enrolled = enrolments(&federation)?;
    assert_eq!(enrolled.len(), 1);
    assert_eq!(enrolled[0].enrolled_by, "region by invitation");
    Ok(())
}

/// The bundle was lost on the way: the same request with the same invitation gets the same bundle.
#[tokio::test]
async fn a_bundle_that_was_lost_is_given_again() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = newcomer(&federation, "E08000001", "invited")?;
    let (invitation, _) = invite(&federation, "E08000001", 7)?;
    let request = create::enrolment_request(&member.node)?;
    std::fs::write(tenfold_node::duties::apply::request_file(&member.node), &request)?;
    let first = front.enrol(&Application { request, secret: invitation.secret().to_owned() }).await?;
    let again = ask_in(&member.node, &front, &Entry::Invited(invitation), OFFICER).await?.expect("let in");
    let tenfold_common::protocol::joining::Applied::Enrolled { bundle } = first else { panic!("{first:?}") };
    assert_eq!(*bundle, again);
    assert_eq!(enrolments(&federation)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_invitation_is_refused_in_words() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = newcomer(&federation, "E08000001", "member")?;
    let (theirs, _) = invite(&federation, "E08000002", 7)?;
    let words = told(&member, &front, theirs.clone()).await;
    assert!(words.contains("the invitation is for E08000002, this is the node of E08000001"), "{words}");
    // Made to say otherwise by hand, the region knows whom it invited.
    let forged: Invitation = theirs.to_string().replacen("E08000002", "E08000001", 1).parse()?;
    let words = told(&member, &front, forged).await;
    assert!(words.contains("it is for E08000002, this is the node of E08000001"), "{words}");
    let unknown = Invitation::new("E08000001".parse()?, &[7; 32], theirs.root.clone());
    let words = told(&member, &front, unknown).await;
    assert!(words.contains("the region made no such invitation"), "{words}");
    // Another region's root is not trusted, whatever its pages say; the invitation is then used up.
    let (ours, ends_at) = invite(&federation, "E08000001", 7)?;
    let misled: Invitation = ours.to_string().replace(&ours.root, &"ab".repeat(32)).parse()?;
    let words = told(&member, &front, misled).await;
    assert!(words.contains("its root certificate has the fingerprint"), "{words}");
    assert!(member.region().is_err());
    let late = newcomer(&federation, "E08000003", "late")?;
    let (ended, _) = invite(&federation, "E08000003", 7)?;
    federation.clock.set(ends_at);
    let words = told(&late, &front, ended).await;
    assert!(words.contains("it ended on 2015-04-08T09:00:00Z: ask the region for another"), "{words}");
    Ok(())
}

#[tokio::test]
async fn a_request_without_invitation_waits_for_a_person() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = newcomer(&federation, "E08000001", "patient")?;
    let root = tls::fingerprint_of_pem(&federation.aggregator.root_pem()?)?;
    let entry = Entry::Approved(root);
    for _ in 0..3 {
        assert_eq!(ask_in(&member.node, &front, &entry, OFFICER).await?, None);
    }
    let waiting = apply::all_waiting(&federation.aggregator)?;
    assert_eq!(waiting.len(), 1, "the same request waits once");
    assert_eq!(waiting[0].release_key, member.node.keys.release.public());
    let approved = apply::waiting(&federation.aggregator, &waiting[0].request[..12])?;
    enrol::enrol(&federation.aggregator, &approved.signed, CENTRE)?;
    assert_eq!(apply::all_waiting(&federation.aggregator)?, []);
    assert!(ask_in(&member.node, &front, &entry, OFFICER).await?.is_some());
    assert!(member.region()?.statement().await.is_ok());
    // A stranger fills neither the list nor the disk.
    let stranger = newcomer(&federation, "E08000002", "stranger")?;
    for _ in 0..5 {
        let request = create::enrolment_request(&stranger.node)?;
        front.enrol(&Application { request, secret: String::new() }).await?;
    }
    let request = create::enrolment_request(&stranger.node)?;
    let words = front.enrol(&Application { request, secret: String::new() }).await.unwrap_err().to_string();
    assert!(words.contains("5 requests for E08000002 wait already"), "{words}");
    Ok(())
}

/// A member that joined by invitation.
async fn short_lived(federation: &Running, front: &Front, code: &str) -> anyhow::Result<Member> {
    let member = newcomer(federation, code, code)?;
    let (invitation, _) = invite(federation, code, 7)?;
    ask_in(&member.node, front, &Entry::Invited(invitation), OFFICER).await?.expect("let in");
    Ok(member)
}

#[tokio::test]
async fn an_expired_node_comes_back_after_one_press() -> anyhow::Result<()> {
    let (mut federation, pages, _) = region_with_pages()?;
    // The pages' aggregator issues for 7 days.
    drop(pages);
    federation.aggregator.region.leaf_days = 7;
    let _pages = federation.open_pages()?;
    let front = Front::open(&federation.aggregator.public_url, &Way::straight())?;
    let centre = federation.aggregator.clone();
    let member = short_lived(&federation, &front, "E08000001").await?;
    let press = || come_back::press(&centre, member.borough(), CENTRE);
    assert!(press().unwrap_err().to_string().contains("holds until"), "nothing to press yet");
    let ends = renew::certificate(&member.node)?.ends;
    federation.clock.set(ends.plus_days(200));
    let expired = fingerprint(&member)?;
    for _ in 0..2 {
        let words = renew::when_due(&member.node, &Way::straight()).await.unwrap_err().to_string();
        assert!(words.starts_with(&format!("the certificate of this node expired on {ends}: ")), "{words}");
        assert!(words.contains("ask the region to let it in again"), "{words}");
    }
    assert_eq!(
        standing(&member.node, &Way::straight()).await?.map(|standing| standing.state),
        Some(State::Expired)
    );
    press()?;
    let until = renew::when_due(&member.node, &Way::straight()).await?.expect("it comes back by itself");
    assert_eq!(until, member.node.now().plus_days(7));
    assert_ne!(fingerprint(&member)?, expired);
    assert!(member.region()?.statement().await.is_ok());
    assert_eq!(
        standing(&member.node, &Way::straight()).await?.map(|standing| standing.state),
        Some(State::Enrolled)
    );
    // The press was for once, though it would still be good.
    federation.clock.set(until);
    assert!(renew::when_due(&member.node, &Way::straight()).await.is_err());
    // A press that nobody uses is no open door.
    press()?;
    federation.clock.set(until.plus_days(come_back::PRESS_DAYS));
    assert!(renew::when_due(&member.node, &Way::straight()).await.is_err());
    assert_eq!(enrolments(&federation)?.len(), 2);
    Ok(())
}

/// The answer to a return was lost: the press is used, and the same request gets its certificate nevertheless.
#[tokio::test]
async fn a_return_whose_answer_was_lost() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = short_lived(&federation, &front, "E08000001").await?;
    federation.clock.set(renew::certificate(&member.node)?.ends);
    assert!(renew::when_due(&member.node, &Way::straight()).await.is_err());
    let pending = member.node.keys.pending_renewal()?.expect("the request waits");
    come_back::press(&federation.aggregator, member.borough(), CENTRE)?;
    front.come_back(pending).await?;
    renew::when_due(&member.node, &Way::straight()).await?.expect("the same certificate");
    assert_eq!(enrolments(&federation)?.len(), 2);
    assert!(member.region()?.statement().await.is_ok());
    assert_eq!(key_files(&member)?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn what_was_withdrawn_never_comes_back() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = short_lived(&federation, &front, "E08000001").await?;
    let first = fingerprint(&member)?;
    renew::renew(&member.node, &Way::straight()).await?;
    // Both are in force; the withdrawal of one is that of the node.
    assert_eq!(enrol::deny(&federation.aggregator, &fingerprint(&member)?, CENTRE)?, 2);
    assert_eq!(enrol::deny(&federation.aggregator, &first, CENTRE)?, 0, "and it is done once");
    let words = standing(&member.node, &Way::straight()).await?.expect("the pages say").words;
    assert!(words.starts_with("withdrawn on 2015-04-01T09:00:00Z: speak with"), "{words}");
    federation.clock.set(renew::certificate(&member.node)?.ends);
    let told = come_back::press(&federation.aggregator, member.borough(), CENTRE).unwrap_err().to_string();
    assert!(told.contains("what was withdrawn never comes back"), "{told}");
    let told = renew::when_due(&member.node, &Way::straight()).await.unwrap_err().to_string();
    assert!(told.contains("was withdrawn on 2015-04-01T09:00:00Z"), "{told}");
    assert_eq!(enrolments(&federation)?.len(), 2);
    Ok(())
}

/// Only who holds a release key learns how its node stands.
#[tokio::test]
async fn a_node_is_told_how_it_stands() -> anyhow::Result<()> {
    let (federation, _pages, front) = region_with_pages()?;
    let member = newcomer(&federation, "E08000001", "member")?;
    let stranger = newcomer(&federation, "E08000001", "stranger")?;
    let question = |member: &Member, borough: &str| -> anyhow::Result<String> {
        let question = WhyRequest {
            format: WHY_FORMAT.to_owned(),
            borough: borough.parse()?,
            release_key: member.node.keys.release.public(),
            certificate: String::new(),
            asked_at: member.node.now(),
        };
        Ok(signature::sign(&question, WHY_TYPE, &member.node.keys.release)?)
    };
    let state = |question: String| {
        let front = front.clone();
        async move { front.why(question).await.map(|standing| standing.state) }
    };
    assert_eq!(state(question(&member, "E08000001")?).await?, State::NotEnrolled);
    let request = create::enrolment_request(&member.node)?;
    front.enrol(&Application { request: request.clone(), secret: String::new() }).await?;
    assert_eq!(state(question(&member, "E08000001")?).await?, State::Waiting);
    let words = front.why(question(&member, "E08000001")?).await?.words;
    assert!(words.starts_with("not enrolled: the request has not been approved yet"), "{words}");
    enrol::enrol(&federation.aggregator, &request, CENTRE)?;
    assert_eq!(state(question(&member, "E08000001")?).await?, State::Enrolled);
    assert_eq!(state(question(&member, "E08000002")?).await?, State::NotEnrolled, "of another borough");
    assert_eq!(state(question(&stranger, "E08000001")?).await?, State::NotEnrolled, "with another key");
    let forged = {
        let own = question(&stranger, "E08000001")?;
        let theirs = question(&member, "E08000001")?;
        let signature = own.rsplit_once('.').expect("three parts").1.to_owned();
        format!("{}.{signature}", theirs.rsplit_once('.').expect("three parts").0)
    };
    assert!(state(forged).await.unwrap_err().to_string().contains("the signature does not fit"));
    // Thirty a minute, then the next one waits; another borough is not held up.
    let mut refused = 0;
    for _ in 0..40 {
        refused += usize::from(state(question(&member, "E08000001")?).await.is_err());
    }
    assert!(refused >= 10, "{refused}");
    assert!(state(question(&member, "E08000003")?).await.is_ok());
    federation.clock.set(member.node.now().plus_seconds(60));
    assert!(state(question(&member, "E08000001")?).await.is_ok());
    Ok(())
}
