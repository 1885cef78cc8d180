//! `admin`: what an operator does to somebody's account. The same as `AdminService` does, with the first administrator
//! besides; security events name the `operator`.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use chassis::deadline::Deadline;
use chassis::{Clock, Entropy};
use clap::{Subcommand, ValueEnum};
use sqlx::PgPool;

use super::say;
use crate::administration::Administration;
use crate::domain::{Email, User};
use crate::store::{self, Tx, revocations, users};

/// Who did it, in security events.
pub(super) const ACTOR: &str = "operator";
const PATIENCE: Duration = Duration::from_secs(30);

/// What to do to an account.
#[derive(Debug, Subcommand)]
pub enum AdminCommand {
    /// Make somebody an administrator, or an ordinary user again
    ///
    /// The person's sessions end, since their tokens name the old role; they sign in again. A role that the person has
    /// already changes nothing.
    SetRole {
        /// The person's email, in any spelling
        email: String,
        /// The role
        role: Role,
    },
    /// Keep somebody out and end all of their sessions
    Disable {
        /// The person's email, in any spelling
        email: String,
    },
    /// Let somebody in again; ended sessions stay ended
    Enable {
        /// The person's email, in any spelling
        email: String,
    },
    /// End all of somebody's sessions; they can sign in again
    RevokeSessions {
        /// The person's email, in any spelling
        email: String,
    },
}

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Their own account and tasks
    User,
    /// AdminService besides
    Admin,
}

impl Role {
    fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

pub(super) async fn change(pool: &PgPool, command: &AdminCommand) -> anyhow::Result<()> {
    let (clock, entropy) = (Clock::system(), Entropy::system());
    let administration = Administration {
        actor: ACTOR.to_owned(),
        clock: &clock,
        entropy: &entropy,
    };
    let (AdminCommand::SetRole { email, .. }
    | AdminCommand::Disable { email }
    | AdminCommand::Enable { email }
    | AdminCommand::RevokeSessions { email }) = command;
    let (mut tx, mut user) = begin(pool, email).await?;
    let (ended, done) = match command {
        AdminCommand::SetRole { role, .. } => {
            let role = role.as_str();
            let is_new = user.role != role;
            let ended = administration.set_role(&mut tx, &mut user, role).await?;
            let done = if is_new { "has now" } else { "has already" };
            (ended, format!("{done} the role {role}"))
        }
        AdminCommand::Disable { .. } => {
            let ended = administration.disable(&mut tx, &mut user).await?;
            (ended, "is disabled".to_owned())
        }
        AdminCommand::Enable { .. } => {
            administration.enable(&mut tx, &mut user).await?;
            (revocations::Ended::default(), "is enabled".to_owned())
        }
        AdminCommand::RevokeSessions { .. } => {
            let ended = administration.end_sessions(&mut tx, user.id).await?;
            (ended, "was signed out everywhere".to_owned())
        }
    };
    let count = ended.sessions().len();
    revocations::commit(tx, ended, clock.now()).await?;
    say(&format!(
        "{} ({}) {done}; sessions ended: {count}",
        user.email, user.id.0
    ))?;
    Ok(())
}

/// Begins a change of the account that has this email, with its row locked.
async fn begin(pool: &PgPool, email: &str) -> anyhow::Result<(Tx, User)> {
    let nobody = || anyhow!("nobody has the email {email}; people sign up first, or are imported");
    let parsed = Email::parse(email).map_err(|complaint| anyhow!("{email}: {complaint}"))?;
    let found = users::admin::list(pool, Some(&parsed), None, 1).await;
    let found = found.context("looking for the account")?;
    let id = found.first().with_context(nobody)?.id;
    let mut tx = store::begin(pool, Deadline::after(PATIENCE)).await?;
    users::admin::lock_both(&mut tx, id, id).await?;
    let user = users::admin::find(&mut *tx, id).await?.with_context(nobody)?;
    Ok((tx, user))
}
