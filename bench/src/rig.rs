//! Everything that is measured, up and running: the pair, the echo servers, people, a town of owners with tasks, and
//! pgbench beside them.

mod lightly;

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use proto::access_token::Verifier;
use tonic::transport::Channel;

use crate::calls::{CreateTask, GetTask, ListTasks, RefreshSession, SignIn, UpdateTask};
use crate::echo::{self, Echo, EchoProcess, Kind};
use crate::figure::Figure;
use crate::footprint::{self, Footprint};
use crate::house::House;
use crate::limits;
use crate::load::{self, Call, Load};
use crate::people::{self, Person};
use crate::pgbench::{Operation, Pgbench};
use crate::process::{self, Meters};
use crate::rows::Row;
use crate::seeding::Table;
use crate::service::Running;
use crate::town::Town;

pub(crate) use lightly::Calm;

/// How much there is, and how thoroughly what does not repeat is looked at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) owners: u64,
    pub(crate) tasks_each: i64,
    /// Of each service, to find out how soon it answers.
    pub(crate) starts: usize,
    /// Numbers of clients that pgbench is tried with.
    pub(crate) clients: &'static [usize],
}

/// What is measured, and who calls it.
pub(crate) struct Rig {
    pub(crate) house: House,
    pub(crate) town: Arc<Town>,
    pub(crate) postgres_version: String,
    echoes: Echoes,
    people: Vec<Arc<Person>>,
    verifier: Arc<Verifier>,
    /// None where there is no such program.
    pgbench: Option<Pgbench>,
}

struct Echoes {
    bare: EchoProcess,
    layered: EchoProcess,
    verified: EchoProcess,
}

impl Rig {
    /// Starts everything, and tells how long the services took and how little they need.
    pub(crate) async fn start(size: Size) -> anyhow::Result<(Self, Vec<Footprint>)> {
        let (mut house, first) = House::start().await?;
        let people = people::sign_up_all(house.auth_channel().await?, first).await?;
        let table = Table::open(&house.tasks_url()).await?;
        let town = Town::settle(&house, &table, size.owners, size.tasks_each).await?;
        let mut pgbench = Pgbench::prepare(&house, &table, size.owners, size.tasks_each).await?;
        table.settle().await?;
        let footprints = footprint::measure(&mut house, &people[0], &town, size.starts).await?;

        match &mut pgbench {
            None => eprintln!("no pgbench beside the Postgres binaries: its rows stay empty"),
            Some(pgbench) if !size.clients.is_empty() => {
                eprintln!("trying numbers of pgbench clients");
                pgbench.choose_clients(size.clients).await?;
            }
            Some(_) => {}
        }
        let echo = |kind| EchoProcess::start(kind, &house.token_keys, house.folder());
        let rig = Self {
            echoes: Echoes {
                bare: echo(Kind::Bare).await?,
                layered: echo(Kind::Layered).await?,
                verified: echo(Kind::Verified).await?,
            },
            verifier: Arc::new(echo::verifier(&house.token_keys)?),
            postgres_version: table.server_version().await?,
            house,
            people,
            town: Arc::new(town),
            pgbench,
        };
        Ok((rig, footprints))
    }

    /// Measures a row once; None where that cannot be.
    pub(crate) async fn measure(&self, row: Row, load: Load) -> anyhow::Result<Option<Figure>> {
        let figure = match row {
            Row::BareEcho => self.echo(Kind::Bare, &self.echoes.bare, load).await,
            Row::CarryingEcho => self.echo(Kind::Verified, &self.echoes.bare, load).await,
            Row::LayeredEcho => self.echo(Kind::Layered, &self.echoes.layered, load).await,
            Row::VerifiedEcho => self.echo(Kind::Verified, &self.echoes.verified, load).await,
            Row::GetTask => self.tasks(load, GetTask::new).await,
            Row::ListTasks => self.tasks(load, ListTasks::new).await,
            Row::CreateTask => self.tasks(load, CreateTask::new).await,
            Row::UpdateTask => self.tasks(load, UpdateTask::new).await,
            Row::RefreshSession => self.refresh(load).await,
            Row::SignIn => self.sign_in(load).await,
            Row::PointRead => return self.pgbench(Operation::PointRead, load).await,
            Row::ListOf50 => return self.pgbench(Operation::ListOf50, load).await,
            Row::Insert => return self.pgbench(Operation::Insert, load).await,
            Row::OwnInsert => return self.pgbench(Operation::OwnInsert, load).await,
            Row::Update => return self.pgbench(Operation::Update, load).await,
            Row::OwnUpdate => return self.pgbench(Operation::OwnUpdate, load).await,
            Row::Argon2id => {
                tokio::task::spawn_blocking(move || limits::argon2id(load.plan.measured)).await?
            }
            Row::Argon2idInHugePages => {
                tokio::task::spawn_blocking(move || limits::argon2id_in_huge_pages(load.plan.measured))
                    .await?
            }
            Row::Verification => {
                let (verifier, town) = (Arc::clone(&self.verifier), Arc::clone(&self.town));
                let work = move || limits::verification(load.plan.measured, &verifier, town.token());
                tokio::task::spawn_blocking(work).await?
            }
        };
        figure.map(Some)
    }

    /// As those who call the echo server of this kind do.
    async fn echo(&self, kind: Kind, server: &EchoProcess, load: Load) -> anyhow::Result<Figure> {
        let make = |channel| Echo::new(kind, channel, Arc::clone(&self.town));
        let callers = load.callers(server.address, make).await?;
        load::closed(callers, load.plan, &Meters::new(server.pid(), None)).await
    }

    async fn tasks<C: Call>(
        &self,
        load: Load,
        make: impl Fn(Channel, Arc<Town>) -> C,
    ) -> anyhow::Result<Figure> {
        let service = &self.house.tasks[0];
        let make = |channel| make(channel, Arc::clone(&self.town));
        let callers = load.callers(service.address, make).await?;
        load::closed(callers, load.plan, &self.meters(service)).await
    }

    async fn sign_in(&self, load: Load) -> anyhow::Result<Figure> {
        let channels = load.channels(self.house.auth.address).await?;
        let people = self.people.iter().cycle();
        let callers = channels.into_iter().zip(people);
        let callers = callers.map(|(channel, person)| SignIn::new(channel, Arc::clone(person)));
        load::closed(callers.collect(), load.plan, &self.meters(&self.house.auth)).await
    }

    async fn refresh(&self, load: Load) -> anyhow::Result<Figure> {
        let channels = load.channels(self.house.auth.address).await?;
        let pairs = channels.into_iter().zip(self.people.iter().cycle());
        let signed_in = pairs.map(|(channel, person)| RefreshSession::new(channel, Arc::clone(person)));
        // Each waits for a hash; more at once would only wait longer.
        let callers: Vec<_> = stream::iter(signed_in).buffered(8).try_collect().await?;
        load::closed(callers, load.plan, &self.meters(&self.house.auth)).await
    }

    async fn pgbench(&self, operation: Operation, load: Load) -> anyhow::Result<Option<Figure>> {
        match &self.pgbench {
            None => Ok(None),
            Some(pgbench) => pgbench.measure(operation, load.plan.measured).await.map(Some),
        }
    }

    fn meters(&self, service: &Running) -> Meters {
        Meters::new(service.pid(), self.house.postmaster())
    }

    /// What a reader must know of how this run went about it.
    pub(crate) fn notes(&self) -> Vec<String> {
        let Some(pgbench) = &self.pgbench else {
            return vec![
                "There is no pgbench beside the Postgres binaries, so its rows are empty.".to_owned(),
            ];
        };
        let clients = Operation::ALL.map(|operation| {
            let row = Row::of_pgbench(operation);
            format!("{} with {}", row.name(), pgbench.clients(operation))
        });
        vec![format!(
            "The clients that got most done, each once: {}.",
            clients.join(", ")
        )]
    }

    /// Fills in what the services hold now.
    pub(crate) fn weigh_again(&self, footprints: &mut [Footprint]) {
        for (footprint, service) in footprints
            .iter_mut()
            .zip([&self.house.auth, &self.house.tasks[0]])
        {
            footprint.after_load_mb = service.pid().and_then(process::pss_mb);
        }
    }

    /// Stops everything in order; the data goes with it.
    pub(crate) async fn stop(self) -> anyhow::Result<()> {
        drop(self.echoes);
        self.house.stop().await
    }
}
