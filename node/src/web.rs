//! The node's pages: what is loaded, what was released, what waits and why. Only for the borough's own people.

pub mod claims;
pub mod home;
pub mod loading;
pub mod loads;
pub mod releases;
pub mod server;
pub mod upload;
pub mod view;

use actix_web::web;
use tenfold_common::{geography::borough, protocol::ProblemKind};
use tenfold_store::{AccountError, Role, StoreError};
use tenfold_web::{Frame, Refusal, SignedIn, Site};

use crate::duties::{ApprovalFault, DutyError, LoadFault, Node};
use releases::acts;

const NAV: &[(&str, &str)] =
    &[("/", "Overview"), ("/loads", "Loads"), ("/claims", "Claims"), ("/releases", "Releases")];

/// Which site this node is.
pub fn site(node: &Node, https: bool) -> Site {
    Site {
        service: "Tenfold node".to_owned(),
        place: borough(&node.borough)
            .map_or_else(|| node.borough.to_string(), |borough| borough.name.clone()),
        code: node.borough.to_string(),
        rehearsal: node.clock.is_rehearsal(),
        https,
    }
}

/// The frame of a page for the person signed in.
pub fn frame(site: &Site, person: &SignedIn, path: &str) -> Frame {
    site.frame().for_person(person.for_frame()).with_nav(NAV, path)
}

/// Adds the release pages. Needs `Data<Node>`, `Data<Site>` and `Data<Desk>`.
pub fn release_routes(config: &mut web::ServiceConfig) {
    config
        .route("/releases", web::get().to(releases::list))
        .route("/releases/standing", web::post().to(releases::give))
        .route("/releases/standing/{number}/revoke", web::post().to(releases::revoke))
        .route("/releases/{quarter}", web::get().to(releases::show))
        .route("/releases/{quarter}/approve", web::post().to(acts::approve))
        .route("/releases/{quarter}/routine", web::post().to(acts::use_standing))
        .route("/releases/{quarter}/return", web::post().to(acts::send_back))
        .route("/releases/{quarter}/void", web::post().to(acts::refuse))
        .route("/releases/{quarter}/prepare", web::post().to(acts::prepare));
}

/// Adds the claim pages. Needs `Data<Node>` and `Data<Site>`.
pub fn claim_routes(config: &mut web::ServiceConfig) {
    config
        .route("/claims", web::get().to(claims::list))
        .route("/claims/windows/{id}", web::get().to(claims::window))
        .route("/claims/windows/{id}/audit", web::get().to(claims::audit_page))
        .route("/claims/lines/{id}", web::get().to(claims::line));
}

/// The one place where a duty's error becomes an answer of a page.
pub fn refusal(error: DutyError) -> Refusal {
    let kind = match &error {
        DutyError::Role { .. }
        | DutyError::Approval(ApprovalFault::SamePerson { .. })
        | DutyError::SignIn => ProblemKind::NotAllowed,
        DutyError::Account(
            AccountError::Locked { .. }
            | AccountError::NoKey { .. }
            | AccountError::BrokenKey { .. }
            | AccountError::Signs { .. },
        ) => ProblemKind::NotAllowed,
        DutyError::Approval(ApprovalFault::NotPrepared { .. })
        | DutyError::Load(LoadFault::NoLoad { .. }) => ProblemKind::NotFound,
        DutyError::Claims(fault) => claims::kind(fault),
        DutyError::AlreadyReleased { .. }
        | DutyError::Approval(
            ApprovalFault::AlreadyCharged { .. }
            | ApprovalFault::Returned { .. }
            | ApprovalFault::PreparedAgain { .. }
            | ApprovalFault::NotApproved { .. }
            | ApprovalFault::NotRoutine { .. }
            | ApprovalFault::LongComment { .. },
        )
        | DutyError::Standing(_)
        | DutyError::Void { .. }
        | DutyError::OpeningVoid { .. }
        | DutyError::OutOfOrder { .. }
        | DutyError::Load(LoadFault::LoadUndone { .. } | LoadFault::ReleasedSince { .. })
        | DutyError::Decision { .. }
        | DutyError::PeriodOpen { .. } => ProblemKind::OutOfOrder,
        DutyError::NoPolicy | DutyError::NotEnrolled => ProblemKind::Unavailable,
        DutyError::Store(StoreError::Locked | StoreError::Full) => ProblemKind::Unavailable,
        _ => return Refusal::internal(error),
    };
    Refusal::new(kind).because(error.to_string())
}

/// Whether a role loads files and prepares releases.
fn prepares(person: &SignedIn) -> bool {
    person.role == Role::Analyst
}

#[cfg(test)]
mod tests;
