use std::future::poll_fn;
use std::sync::Mutex;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::*;

/// A connection and its peer.
async fn connected() -> (Coalescing, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    (Coalescing::new(stream), peer)
}

/// Keeps each write apart.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

impl AsyncWrite for Writes {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.0.lock().unwrap().push(bytes.to_vec());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn put(outbox: &Outbox, bytes: &[u8]) {
    let put = poll_fn(|cx| outbox.poll_put(cx, &[IoSlice::new(bytes)])).await;
    assert_eq!(put.unwrap(), bytes.len());
}

#[tokio::test]
async fn what_is_ready_together_leaves_in_one_write() {
    let (outbox, writes, closing) = (
        Arc::<Outbox>::default(),
        Writes::default(),
        CancellationToken::new(),
    );
    let writing = tokio::spawn(write_out(Arc::clone(&outbox), writes.clone(), closing.clone()));
    yield_now().await;

    // The first wakes who writes before the second can run.
    put(&outbox, b"one ").await;
    let behind = Arc::clone(&outbox);
    tokio::spawn(async move { put(&behind, b"two").await })
        .await
        .unwrap();
    poll_fn(|cx| outbox.poll_empty(cx)).await.unwrap();
    put(&outbox, b"three").await;
    closing.cancel();
    writing.await.unwrap();
    assert_eq!(
        *writes.0.lock().unwrap(),
        [b"one two".to_vec(), b"three".to_vec()]
    );
}

#[tokio::test]
async fn everything_arrives_in_order_however_much_it_is() {
    let (mut connection, mut peer) = connected().await;
    let sent: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let expected = sent.clone();
    let sending = tokio::spawn(async move {
        for part in sent.chunks(9_973) {
            connection.write_all(part).await.unwrap();
            connection.flush().await.unwrap();
        }
        connection.shutdown().await.unwrap();
        connection
    });
    let mut read = Vec::new();
    peer.read_to_end(&mut read).await.unwrap();
    assert!(read == expected, "{} of {} bytes", read.len(), expected.len());
    sending.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_before_the_connection_was_dropped_arrives() {
    for _ in 0..200 {
        let (mut connection, mut peer) = connected().await;
        tokio::spawn(async move { connection.write_all(b"last words").await.unwrap() });
        let mut read = String::new();
        peer.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "last words");
    }
}

#[tokio::test]
async fn what_comes_after_the_end_is_refused() {
    let (mut connection, mut peer) = connected().await;
    connection.shutdown().await.unwrap();
    assert_eq!(peer.read(&mut [0]).await.unwrap(), 0);
    let refused = connection.write_all(b"one more thing").await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::BrokenPipe);
    connection.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_peer_that_reads_nothing_makes_the_connection_wait() {
    let (outbox, closing) = (Arc::<Outbox>::default(), CancellationToken::new());
    let (full, mut peer) = tokio::io::duplex(4);
    let writing = tokio::spawn(write_out(Arc::clone(&outbox), full, closing.clone()));
    let much = vec![7; 40 * 1024];
    // What the task has taken, what there is room for, and what there is none for.
    for _ in 0..2 {
        put(&outbox, &much).await;
        yield_now().await;
        yield_now().await;
    }
    let behind = tokio::spawn({
        let (outbox, much) = (Arc::clone(&outbox), much.clone());
        async move {
            put(&outbox, &much[..24 * 1024]).await;
            put(&outbox, &much[24 * 1024..]).await;
        }
    });
    yield_now().await;
    yield_now().await;
    assert!(!behind.is_finished());

    let mut read = vec![0; 3 * much.len()];
    peer.read_exact(&mut read).await.unwrap();
    behind.await.unwrap();
    closing.cancel();
    writing.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_at_all_is_given_up() {
    let (outbox, began) = (Arc::<Outbox>::default(), Instant::now());
    let (full, _peer) = tokio::io::duplex(4);
    let writing = tokio::spawn(write_out(Arc::clone(&outbox), full, CancellationToken::new()));
    put(&outbox, b"more than four").await;
    let failed = poll_fn(|cx| outbox.poll_empty(cx)).await.unwrap_err();
    assert_eq!(failed.kind(), io::ErrorKind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), STALLED.as_secs());
    writing.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn last_words_that_nobody_reads_are_not_waited_for_as_long() {
    let (outbox, closing) = (Arc::<Outbox>::default(), CancellationToken::new());
    let (full, _peer) = tokio::io::duplex(4);
    let writing = tokio::spawn(write_out(Arc::clone(&outbox), full, closing.clone()));
    put(&outbox, b"more than four").await;
    yield_now().await;
    let began = Instant::now();
    closing.cancel();
    writing.await.unwrap();
    assert_eq!(began.elapsed().as_secs(), LAST_WORDS.as_secs());
}

#[tokio::test]
async fn a_broken_connection_is_told_to_who_writes() {
    let (mut connection, peer) = connected().await;
    peer.set_zero_linger().unwrap();
    drop(peer);
    let told = async {
        loop {
            if let Err(error) = connection.write_all(b"anybody there?").await {
                return error.kind();
            }
            yield_now().await;
        }
    };
    let failed = timeout(Duration::from_secs(10), told).await.unwrap();
    assert!(
        matches!(failed, io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe),
        "{failed}"
    );
    assert_eq!(connection.shutdown().await.unwrap_err().kind(), failed);
}
