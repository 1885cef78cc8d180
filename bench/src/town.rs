//! Many owners with many tasks, known to task-service alone: a load that comes from a few people would be gathered, cached
//! and locked as no real load is. Their tokens are signed here, as auth-service would sign them, with the keys of this run.
//! Signing belongs into auth-service and nowhere else; these keys are made for one run and end with it.

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Context as _;
use chassis::{Clock, Entropy};
use jsonwebtoken::{EncodingKey, Header};
use proto::access_token::{Audience, Claims, ISSUER, Keyring, Scope, TOKEN_TYPE};
use proto::tasks::v1::task_service_client::TaskServiceClient;
use proto::tasks::v1::{GetTaskRequest, Task};
use tonic::metadata::{Ascii, MetadataValue};
use uuid::Uuid;

use crate::calls::request;
use crate::house::House;
use crate::seeding::{self, Table};

/// Longer than any measurement, which would otherwise have to ask for new ones.
const TOKEN_LIFE_SECONDS: i64 = 4 * 60 * 60;

/// Owners, all with the same number of tasks.
#[derive(Debug)]
pub(crate) struct Town {
    bearers: Vec<MetadataValue<Ascii>>,
    tasks_each: u64,
    turns: AtomicU64,
    /// A task as task-service answers with it.
    pub(crate) sample: Task,
}

/// Whose turn it is, and with which task.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    pub(crate) bearer: &'a MetadataValue<Ascii>,
    pub(crate) task: Uuid,
}

impl Town {
    /// So many owners, each with so many tasks, all put in place now.
    pub(crate) async fn settle(
        house: &House,
        table: &Table,
        owners: u64,
        tasks_each: i64,
    ) -> anyhow::Result<Self> {
        eprintln!("seeding {owners} owners with {tasks_each} tasks each");
        let bearers = bearers(&house.token_keys, owners)?;
        let owners: Vec<Uuid> = (1..=owners).map(seeding::owner).collect();
        table.add_tasks(&owners, tasks_each).await?;
        let tasks = house.tasks_channel().await?;
        let first = bearers.first().context("a town has somebody")?;
        let id = seeding::task(1).to_string();
        let get = request(GetTaskRequest { id }, Some(first));
        let sample = TaskServiceClient::new(tasks).get_task(get).await?.into_inner();
        Ok(Self {
            bearers,
            tasks_each: u64::try_from(tasks_each)?,
            turns: AtomicU64::new(0),
            sample,
        })
    }

    /// Somebody and one of their tasks, anybody's as likely as anybody else's.
    pub(crate) fn turn(&self) -> Turn<'_> {
        let number = spread(self.turns.fetch_add(1, Ordering::Relaxed));
        let owners = self.bearers.len() as u64;
        let owner = usize::try_from(number % owners).unwrap_or_default();
        Turn {
            bearer: &self.bearers[owner],
            task: seeding::task(1 + number / owners % self.tasks_each),
        }
    }

    /// Somebody's access token alone.
    pub(crate) fn token(&self) -> &str {
        let header = self.bearers[0].to_str().unwrap_or_default();
        header.strip_prefix("Bearer ").unwrap_or(header)
    }

    pub(crate) fn owners(&self) -> usize {
        self.bearers.len()
    }

    /// The `authorization` header of an owner; the first is 0.
    pub(crate) fn bearer(&self, owner: usize) -> &MetadataValue<Ascii> {
        &self.bearers[owner]
    }
}

/// The `authorization` headers of the numbered owners.
fn bearers(token_keys: &str, owners: u64) -> anyhow::Result<Vec<MetadataValue<Ascii>>> {
    let keyring = Keyring::parse(token_keys).map_err(|fault| anyhow::anyhow!("{fault}"))?;
    let mut header = Header::new(jsonwebtoken::Algorithm::HS256);
    header.typ = Some(TOKEN_TYPE.to_owned());
    header.kid = Some(keyring.first().kid().to_owned());
    let key = EncodingKey::from_secret(keyring.first().secret());
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let now = clock.unix_seconds();
    let bearer = |number| {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: [Audience::Auth, Audience::Tasks]
                .map(|audience| audience.as_str().to_owned())
                .to_vec(),
            sub: seeding::owner(number).to_string(),
            sid: Some(entropy.uuid_v7(&clock).to_string()),
            scope: Scope::OF_A_PERSON.map(Scope::as_str).join(" "),
            role: "user".to_owned(),
            iat: now,
            nbf: now,
            exp: now + TOKEN_LIFE_SECONDS,
            jti: entropy.uuid_v7(&clock).to_string(),
            act: None,
        };
        let token = jsonwebtoken::encode(&header, &claims, &key)?;
        Ok(format!("Bearer {token}").parse()?)
    };
    (1..=owners).map(bearer).collect()
}

/// The finalizer of splitmix64: neighbours end far apart, and no number comes twice.
fn spread(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn town(owners: u64, tasks_each: u64) -> Town {
        let keys = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        Town {
            bearers: bearers(keys, owners).unwrap(),
            tasks_each,
            turns: AtomicU64::new(0),
            sample: Task::default(),
        }
    }

    #[test]
    fn everybody_and_every_task_has_a_turn_about_as_often() {
        let town = town(10, 7);
        let mut turns: HashMap<(String, Uuid), u32> = HashMap::new();
        for _ in 0..7_000 {
            let turn = town.turn();
            let bearer = turn.bearer.to_str().unwrap().to_owned();
            *turns.entry((bearer, turn.task)).or_default() += 1;
        }
        assert_eq!(turns.len(), 70);
        assert!(turns.values().all(|count| (50..150).contains(count)), "{turns:?}");
        assert!(turns.keys().all(|(_, task)| (1..=7).contains(&task.as_u128())));
    }

    #[test]
    fn a_token_of_the_town_is_one_that_the_services_take() {
        let keys = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let verifier = crate::echo::verifier(keys).unwrap();
        let town = town(1, 1);
        assert!(verifier.verify(town.token()).is_ok());
    }
}
