//! Approvals in the database: signed, or under a standing approval.

use diesel::{ExpressionMethods, QueryDsl, RunQueryDsl};
use tenfold_common::{calendar::Quarter, clock::Moment};
use tenfold_store::{AnyConnection, ColumnTime, StoreError};

use super::schema::approval;
use crate::release::stages::{Approval, Authority};

/// Records an approval; the database refuses the preparer's own, one of other tables than were shown, and one under
/// a standing approval that does not cover it.
///
/// # Errors
/// `Refused`, or `AlreadyRecorded` where the quarter is approved.
pub fn approve(connection: &mut AnyConnection, quarter: Quarter, new: &Approval) -> Result<(), StoreError> {
    let (signed, standing) = match &new.authority {
        Authority::Signed(signed) => (Some(signed), None),
        Authority::Standing { number, used_by } => (None, Some((*number, used_by))),
    };
    diesel::insert_into(approval::table)
        .values((
            approval::quarter.eq(quarter.to_string()),
            approval::approved_at.eq(new.approved_at.naive()),
            approval::approved_by.eq(&new.approved_by),
            approval::salted_hash.eq(&new.salted_hash),
            approval::signed.eq(signed),
            approval::standing.eq(standing.map(|(number, _)| number)),
            approval::used_by.eq(standing.map(|(_, used_by)| used_by)),
        ))
        .execute(connection)?;
    Ok(())
}

type ApprovalRow = (String, ColumnTime, String, String, Option<String>, Option<i64>, Option<String>);

/// A quarter's approval, if there is one.
///
/// # Errors
/// Where a row cannot be read back.
pub fn approval_of(connection: &mut AnyConnection, quarter: Quarter) -> Result<Option<Approval>, StoreError> {
    Ok(approvals(connection)?.into_iter().find(|(of, _)| *of == quarter).map(|(_, approval)| approval))
}

/// Every approval with its quarter, in their order.
///
/// # Errors
/// Where a row cannot be read back.
pub fn approvals(connection: &mut AnyConnection) -> Result<Vec<(Quarter, Approval)>, StoreError> {
    let rows: Vec<ApprovalRow> = approval::table.order(approval::quarter.asc()).load(connection)?;
    rows.into_iter().map(read_approval).collect()
}

fn read_approval(row: ApprovalRow) -> Result<(Quarter, Approval), StoreError> {
    let unreadable = |what: &str| StoreError::Unreadable { table: "approval", reason: what.to_owned() };
    let (quarter, at, approved_by, salted_hash, signed, standing, used_by) = row;
    let authority = match (signed, standing.zip(used_by)) {
        (Some(signed), None) => Authority::Signed(signed),
        (None, Some((number, used_by))) => Authority::Standing { number, used_by },
        _ => return Err(unreadable("neither signed nor under a standing approval")),
    };
    let quarter = quarter.parse().map_err(|_| unreadable("no quarter"))?;
    Ok((quarter, Approval { approved_at: Moment::from_naive(at), approved_by, salted_hash, authority }))
}
