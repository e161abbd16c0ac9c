//! Hears from the region what it refused of this borough, so that the borough knows why it is stuck.

use tenfold_common::protocol::rejections::{REJECTIONS_FORMAT, Rejection, Rejections};

use super::{DutyError, Node};
use crate::{region::Region, store};

/// Asks the region and keeps its answer.
///
/// # Errors
/// Where the region cannot be asked, or its answer is about another borough.
pub async fn hear(node: &Node, region: &Region) -> Result<Vec<Rejection>, DutyError> {
    let unusable = |reason: String| DutyError::Delivery { reason };
    let told = region.rejections().await.map_err(|error| unusable(error.to_string()))?;
    let told: Rejections = serde_json::from_str(&told)
        .ok()
        .filter(|told: &Rejections| told.format == REJECTIONS_FORMAT && told.borough == node.borough)
        .ok_or_else(|| unusable("the region's list of refusals is not one of this borough".to_owned()))?;
    let (node, kept) = (node.clone(), told.rejections.clone());
    node.store
        .clone()
        .run(move |store| {
            store.write(|connection| Ok::<_, DutyError>(store::rejections::keep(connection, &kept)?))
        })
        .await?;
    Ok(told.rejections)
}
