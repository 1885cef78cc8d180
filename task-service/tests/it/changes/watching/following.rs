//! Who follows streams from replica to replica ends with what there is.

use std::time::Duration;

use task_service::streams::Pace;
use uuid::Uuid;

use super::{ALICE, Watch, pace};
use crate::changes::copy::{Copy, server_state};
use crate::changes::writers::{Dice, write_at_random};
use crate::harness::Service;

/// Follows by streams that end all the time, at either replica, until the word; a crash now and then forgets what came.
async fn follow(replicas: &[&Service], id: Uuid, mut stop: tokio::sync::watch::Receiver<bool>) -> Copy {
    let (mut copy, mut kept, mut dice) = (Copy::default(), Copy::default(), Dice::new(7));
    loop {
        let at = replicas[dice.below(replicas.len())].person_of(id);
        let mut watch = Watch::begin(&at, &copy.token).await;
        let mut messages = 1 + dice.below(6);
        while messages > 0 {
            let message = tokio::select! {
                message = watch.next() => message.expect("no fault"),
                _ = stop.wait_for(|stop| *stop) => None,
            };
            let Some(message) = message else { break };
            copy.take_in(message.changes, message.next_sync_token);
            messages -= 1;
        }
        if *stop.borrow() {
            copy.catch_up(&at, 0).await;
            return copy;
        }
        match dice.below(8) {
            0 => copy = kept.clone(),
            1..4 => kept = copy.clone(),
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_streams_across_replicas_and_crashes_while_others_write_ends_with_what_there_is() {
    const WRITERS: u64 = 8;
    let short = Pace {
        life: Duration::from_millis(50)..Duration::from_millis(800),
        checkpoint: Duration::from_millis(200),
        ..pace()
    };
    let service = Service::start_streaming(short).await;
    let replica = service.replica().await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let replicas = [&service, &replica];
    let writers = async {
        let writers = (0..WRITERS).map(|seed| {
            let at = replicas[usize::try_from(seed % 2).expect("small")];
            async move { write_at_random(&at.person_of(ALICE), seed + 100, 250).await }
        });
        futures_util::future::join_all(writers).await;
        stop.send_replace(true);
    };
    let (mut copy, ()) = tokio::join!(follow(&replicas, ALICE, stopped), writers);
    copy.assert_is(&server_state(&service, ALICE).await);
    assert!(copy.tasks.len() > 100);

    // What is removed for good is removed in the copy too.
    service.hand.advance(Duration::from_secs(31 * 24 * 3600));
    assert!(service.sweep().await > 0);
    copy.catch_up(&service.person_of(ALICE), 0).await;
    copy.assert_is(&server_state(&service, ALICE).await);
}
