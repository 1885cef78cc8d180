//! What a call takes when the machine is not full: one at a time, and at a part of what goes through at most.

use std::sync::Arc;

use anyhow::Context as _;

use super::Rig;
use crate::calls::{CreateTask, GetTask};
use crate::figure::Figure;
use crate::load::{self, Load};
use crate::pgbench::Operation;
use crate::rows::Row;

/// Milliseconds of one call at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lonely {
    pub(crate) get_task: f64,
    pub(crate) bare_echo: f64,
    /// None where there is no pgbench. The mean, since pgbench tells no median.
    pub(crate) point_read: Option<f64>,
}

impl Lonely {
    /// The call by what it cannot do without: a way through the transport and one to the row.
    pub(crate) fn ratio(self) -> Option<f64> {
        Some(self.get_task / (self.point_read? + self.bare_echo))
    }
}

/// A call whose rate can be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Calm {
    GetTask,
    CreateTask,
}

impl Calm {
    pub(crate) const ALL: [Self; 2] = [Self::GetTask, Self::CreateTask];

    /// The row that tells its peak.
    pub(crate) const fn row(self) -> Row {
        match self {
            Self::GetTask => Row::GetTask,
            Self::CreateTask => Row::CreateTask,
        }
    }
}

impl Rig {
    /// GetTask with nobody else there, and what it consists of.
    pub(crate) async fn alone(&self, load: Load) -> anyhow::Result<Lonely> {
        let load = load.alone();
        let p50_ms = async |row| {
            let figure = self.measure(row, load).await?;
            let latency = figure.and_then(|figure| figure.latency);
            anyhow::Ok(latency.with_context(|| row.name())?.p50_ms)
        };
        let seconds = load.plan.measured.as_secs().max(1);
        Ok(Lonely {
            bare_echo: p50_ms(Row::BareEcho).await?,
            point_read: match &self.pgbench {
                None => None,
                Some(pgbench) => Some(pgbench.alone_ms(Operation::PointRead, seconds).await?),
            },
            get_task: p50_ms(Row::GetTask).await?,
        })
    }

    /// So many calls a second, whatever is answered.
    pub(crate) async fn at_rate(&self, call: Calm, per_second: f64, load: Load) -> anyhow::Result<Figure> {
        let service = &self.house.tasks[0];
        let meters = self.meters(service);
        let town = || Arc::clone(&self.town);
        match call {
            Calm::GetTask => {
                let make = |channel| GetTask::new(channel, town());
                let callers = load.callers(service.address, make).await?;
                load::open(callers, per_second, load.plan, &meters).await
            }
            Calm::CreateTask => {
                let make = |channel| CreateTask::new(channel, town());
                let callers = load.callers(service.address, make).await?;
                load::open(callers, per_second, load.plan, &meters).await
            }
        }
    }
}
