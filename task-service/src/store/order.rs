//! Places in an order that a person made, whatever it is an order of. The SQL is in the table's own file.
//!
//! A new place is between two neighbours, so one row changes. Where that would make a rank long, those around it get new
//! ranks too, each with a revision of its own, and at most [`AROUND`] on either side.

use uuid::Uuid;

use super::OwnerTx;
use crate::domain::{Position, Rank};
use crate::error::Error;

/// How many on either side get new ranks when one grew long.
const AROUND: usize = 200;

/// Where something stands: by rank, then by id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Its rank.
    pub rank: Rank,
    /// Its id.
    pub id: Uuid,
}

impl Place {
    /// One read from the database.
    pub(super) fn stored(rank: String, id: Uuid) -> Self {
        let rank = Rank::stored(rank);
        Self { rank, id }
    }

    /// Before everything.
    pub(super) fn start() -> Self {
        Self::stored(String::new(), Uuid::nil())
    }

    /// Behind everything: no rank has this letter.
    fn end() -> Self {
        Self::stored("~".to_owned(), Uuid::max())
    }
}

/// A table whose rows have ranks.
pub(super) trait Ordered {
    /// Up to so many before a place, the nearest first.
    async fn find_before(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error>;
    /// Up to so many behind a place, the nearest first.
    async fn find_behind(tx: &mut OwnerTx, place: &Place, limit: i64) -> Result<Vec<Place>, Error>;
    /// Gives these rows these ranks, each with a revision of its own.
    async fn update_ranks(tx: &mut OwnerTx, ids: &[Uuid], ranks: &[String]) -> Result<(), Error>;
}

/// The rank to be given to what stands at `moving`, so that it stands there. It may be the one it has. The owner must be
/// locked.
pub(super) async fn find_rank<T: Ordered>(
    tx: &mut OwnerTx,
    to: &Position<Place>,
    moving: &Place,
) -> Result<Rank, Error> {
    let (low, high) = neighbours::<T>(tx, to, moving).await?;
    if low.as_ref().is_none_or(|low| low < moving) && high.as_ref().is_none_or(|high| moving < high) {
        return Ok(moving.rank.clone());
    }
    let rank = Rank::between(
        low.as_ref().map(|place| &place.rank),
        high.as_ref().map(|place| &place.rank),
    );
    match rank.filter(|rank| !rank.is_long()) {
        Some(rank) => Ok(rank),
        None => make_room::<T>(tx, low, high, moving).await,
    }
}

/// What it will stand between; `None` is an end of the order.
async fn neighbours<T: Ordered>(
    tx: &mut OwnerTx,
    to: &Position<Place>,
    moving: &Place,
) -> Result<(Option<Place>, Option<Place>), Error> {
    Ok(match to {
        Position::First => (None, behind::<T>(tx, &Place::start(), moving, 1).await?.pop()),
        Position::Last => (before::<T>(tx, &Place::end(), moving, 1).await?.pop(), None),
        Position::Before(place) => (
            before::<T>(tx, place, moving, 1).await?.pop(),
            Some(place.clone()),
        ),
        Position::After(place) => (
            Some(place.clone()),
            behind::<T>(tx, place, moving, 1).await?.pop(),
        ),
    })
}

/// New ranks for those around a gap, and the one in it.
async fn make_room<T: Ordered>(
    tx: &mut OwnerTx,
    low: Option<Place>,
    high: Option<Place>,
    moving: &Place,
) -> Result<Rank, Error> {
    let mut low: Vec<_> = low.into_iter().collect();
    if let Some(place) = low.first().cloned() {
        low.extend(before::<T>(tx, &place, moving, AROUND).await?);
    }
    let mut high: Vec<_> = high.into_iter().collect();
    if let Some(place) = high.first().cloned() {
        high.extend(behind::<T>(tx, &place, moving, AROUND).await?);
    }
    // The outermost stay where they are, unless the order ends there.
    let low_end = (low.len() > AROUND).then(|| low.pop()).flatten();
    let high_end = (high.len() > AROUND).then(|| high.pop()).flatten();
    let ranks = Rank::spread(
        low_end.as_ref().map(|place| &place.rank),
        high_end.as_ref().map(|place| &place.rank),
        low.len() + 1 + high.len(),
    );
    let mut ranks = ranks.ok_or_else(|| Error::internal("ranks that leave no room"))?;
    let rank = ranks.remove(low.len());
    let ids: Vec<_> = low.iter().rev().chain(&high).map(|place| place.id).collect();
    let texts: Vec<_> = ranks.iter().map(|rank| rank.as_str().to_owned()).collect();
    T::update_ranks(tx, &ids, &texts).await?;
    Ok(rank)
}

async fn before<T: Ordered>(
    tx: &mut OwnerTx,
    place: &Place,
    moving: &Place,
    count: usize,
) -> Result<Vec<Place>, Error> {
    let found = T::find_before(tx, place, limit(count)?).await?;
    Ok(others(found, moving, count))
}

async fn behind<T: Ordered>(
    tx: &mut OwnerTx,
    place: &Place,
    moving: &Place,
    count: usize,
) -> Result<Vec<Place>, Error> {
    let found = T::find_behind(tx, place, limit(count)?).await?;
    Ok(others(found, moving, count))
}

/// One more, since what moves is no neighbour of its own.
fn limit(count: usize) -> Result<i64, Error> {
    i64::try_from(count + 1).map_err(Error::internal)
}

fn others(mut found: Vec<Place>, moving: &Place, count: usize) -> Vec<Place> {
    found.retain(|place| place.id != moving.id);
    found.truncate(count);
    found
}
