//! How far the read models are.

use eventsource_core::{Position, Projection, ProjectionName};
use eventsource_sqlite::{SqliteReadError, SqliteReadModels};

use super::{Query, name_of};
use crate::read_models::{Balances, Fraud, Transactions};

/// How far are the read models?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing;

/// How far a read model is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectionStanding {
    /// The projection.
    pub name: ProjectionName,
    /// Whether there is something to be read of it.
    pub is_built: bool,
    /// Up to there every event is in it; `None` before the first one.
    pub position: Option<Position>,
    /// How many positions of the store it is behind.
    pub lag: u64,
}

impl Query for Standing {
    type Answer = Vec<ProjectionStanding>;

    async fn ask(&self, models: &SqliteReadModels) -> Result<Self::Answer, SqliteReadError> {
        Ok(vec![
            standing::<Balances>(models).await?,
            standing::<Transactions>(models).await?,
            standing::<Fraud>(models).await?,
        ])
    }
}

async fn standing<P: Projection>(
    models: &SqliteReadModels,
) -> Result<ProjectionStanding, SqliteReadError> {
    let name = name_of::<P>();
    let (is_built, position) = match models.checkpoint(&name).await {
        Ok(position) => (true, position),
        Err(SqliteReadError::NoProjection { .. }) => (false, None),
        Err(error) => return Err(error),
    };
    // Asked for afterwards, so that nothing is ahead of it.
    let number = |position: Option<Position>| position.map_or(0, Position::number);
    let lag = number(models.head().await?).saturating_sub(number(position));
    Ok(ProjectionStanding {
        name,
        is_built,
        position,
        lag,
    })
}
