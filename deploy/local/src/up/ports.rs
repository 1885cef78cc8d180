//! Every address is tried before anything starts, so that one that is taken is named with the setting to change.

use std::time::Duration;

use anyhow::bail;

use super::settings::Settings;

/// What a killed predecessor may need to let go of its ports.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

pub(super) async fn check(settings: &Settings) -> anyhow::Result<()> {
    let mut taken = try_all(settings).await;
    for _ in 1..TRIES {
        if taken.is_empty() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
        taken = try_all(settings).await;
    }
    if taken.is_empty() {
        return Ok(());
    }
    bail!("nothing was started:\n  - {}", taken.join("\n  - "));
}

/// All at the same time, so that an address given twice is found too.
async fn try_all(settings: &Settings) -> Vec<String> {
    let (mut held, mut faults) = (Vec::new(), Vec::new());
    for (setting, addr) in settings.listeners() {
        match chassis::bind(addr, setting).await {
            Ok(listener) => held.push(listener),
            Err(fault) => faults.push(fault.to_string()),
        }
    }
    faults
}
