//! People with an account, made through the public API as anybody would.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use proto::auth::v1::SignUpRequest;
use proto::auth::v1::auth_service_client::AuthServiceClient;
use proto::tasks::v1::Task;
use tonic::Status;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;
use uuid::Uuid;

use crate::seeding;

/// One for each call in flight, as far as sign-ups of a minute from one address always pass (120 by default).
pub(crate) const PEOPLE: usize = 64;

/// Somebody with an account and tasks.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) password: String,
    /// The value of the `authorization` header.
    pub(crate) bearer: MetadataValue<Ascii>,
    pub(crate) tasks: Vec<Task>,
    /// How many tasks were put into the table for them, numbered from one.
    pub(crate) seeded: u64,
    /// What makes later sign-ins come from a known device, as nearly all do.
    pub(crate) device_token: String,
    user_id: String,
}

impl Person {
    /// Signs the person of that number up.
    pub(crate) async fn sign_up(auth: Channel, number: usize) -> Result<Self, Status> {
        let email = format!("person{number}@bench.example");
        let password = format!("nothing secret here {number}");
        let request = SignUpRequest {
            email: email.clone(),
            password: password.clone(),
            ..SignUpRequest::default()
        };
        let answer = AuthServiceClient::new(auth).sign_up(request).await?.into_inner();
        let session = answer.session.unwrap_or_default();
        let token = session.access_token;
        let bearer = format!("Bearer {token}")
            .parse()
            .map_err(|_| Status::internal("the access token does not fit into a header"))?;
        Ok(Self {
            email,
            password,
            bearer,
            tasks: Vec::new(),
            seeded: 0,
            device_token: session.device_token,
            user_id: session.user.unwrap_or_default().id,
        })
    }

    /// Whose tasks theirs are.
    pub(crate) fn user_id(&self) -> anyhow::Result<Uuid> {
        Ok(Uuid::parse_str(&self.user_id)?)
    }

    /// With a hundred of so many seeded tasks, from all over.
    pub(crate) fn with_tasks(mut self, seeded: u64) -> Self {
        let numbered = |number| Task {
            id: seeding::task(number).to_string(),
            ..Task::default()
        };
        let apart = usize::try_from(seeded / 100).unwrap_or_default().max(1);
        self.tasks = (1..=seeded).step_by(apart).map(numbered).collect();
        self.seeded = seeded;
        self
    }
}

/// The first, and as many more as make a load.
pub(crate) async fn sign_up_all(auth: Channel, first: Person) -> anyhow::Result<Vec<Arc<Person>>> {
    let others = (1..PEOPLE).map(|number| Person::sign_up(auth.clone(), number));
    // Each waits for a hash; more at once would only wait longer.
    let others: Vec<Person> = stream::iter(others).buffer_unordered(8).try_collect().await?;
    Ok([first].into_iter().chain(others).map(Arc::new).collect())
}
