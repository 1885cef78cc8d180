//! Ports for processes that are told where to listen.

use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which the system takes ports for outgoing connections, so that none is lent twice.
const FIRST: u16 = 10_000;
const BLOCKS: u16 = 2_000;
const SIZE: u16 = 6;

/// Six free addresses in a row on loopback, other ones at each call.
pub(super) fn six_addresses() -> [SocketAddr; SIZE as usize] {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Several runs at once begin at different places.
    let begin = u16::try_from(std::process::id() % u32::from(BLOCKS)).expect("the remainder is small");
    for _ in 0..BLOCKS {
        let block = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % BLOCKS;
        let addresses = std::array::from_fn(|place| {
            let place = u16::try_from(place).expect("a block is small");
            SocketAddr::from(([127, 0, 0, 1], FIRST + block * SIZE + place))
        });
        if addresses.iter().all(|address| TcpListener::bind(address).is_ok()) {
            return addresses;
        }
    }
    panic!(
        "no six free ports in a row between {FIRST} and {}",
        FIRST + BLOCKS * SIZE
    );
}
