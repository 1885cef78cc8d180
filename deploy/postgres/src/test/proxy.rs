//! A TCP proxy in front of a test database that does to connections what networks and servers do.
//!
//! It reads just enough of the protocol to know where an answer ends. It must never change what passes.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;

use crate::url;

/// A faulty way to a test database. Connections end with it.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    database: String,
    faults: Arc<Faults>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Faults {
    cut: watch::Sender<bool>,
    delay_millis: AtomicU64,
    lose: Mutex<Option<Loss>>,
    keeps_notifications: AtomicBool,
    kept_notification: Notify,
}

#[derive(Debug)]
struct Loss {
    text: String,
    when: When,
    then: Then,
    done: oneshot::Sender<()>,
}

/// When the server's answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    /// Once the text was sent: a simple statement is done then, one with parameters is prepared.
    Sent,
    /// Once the prepared statement was executed.
    Executed,
}

/// What becomes of a connection whose answer was kept.
#[derive(Debug, Clone, Copy)]
enum Then {
    Reset,
    Silence,
}

impl ChaosProxy {
    pub(super) async fn start(server: PathBuf, database: String) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Faults {
            cut: watch::Sender::new(false),
            delay_millis: AtomicU64::new(0),
            lose: Mutex::new(None),
            keeps_notifications: AtomicBool::new(false),
            kept_notification: Notify::new(),
        });
        let accepting = tokio::spawn(accept(listener, server, Arc::clone(&faults)));
        Ok(Self {
            address,
            database,
            faults,
            accepting,
        })
    }

    /// The database's address through this proxy.
    pub fn url(&self) -> String {
        url::tcp(self.address, &self.database)
    }

    /// Resets every connection, and each new one at once, until [`ChaosProxy::restore`].
    pub fn cut(&self) {
        self.faults.cut.send_replace(true);
    }

    /// Lets new connections through again.
    pub fn restore(&self) {
        self.faults.cut.send_replace(false);
    }

    /// Holds every piece of an answer back for this long.
    pub fn delay(&self, delay: Duration) {
        let millis = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self.faults.delay_millis.store(millis, Ordering::Relaxed);
    }

    /// Passes the next statement whose text contains `text` at the start of a word to the server, waits for the whole answer, keeps it,
    /// and resets the connection: the server has done it, and the client cannot know. The receiver fires then.
    /// A statement that was prepared before travels without its text and is not seen; `COMMIT` always is.
    pub fn lose_answer_to(&self, text: &str) -> oneshot::Receiver<()> {
        self.lose(text, When::Sent, Then::Reset)
    }

    /// As [`ChaosProxy::lose_answer_to`], for a statement with parameters, once it has been executed; whether it was
    /// prepared before makes no difference.
    pub fn lose_answer_to_executed(&self, text: &str) -> oneshot::Receiver<()> {
        self.lose(text, When::Executed, Then::Reset)
    }

    /// As [`ChaosProxy::lose_answer_to`], and from then on nothing passes and nothing ends: to the server the client's
    /// machine has lost its power. A statement is prepared before it is executed, so what the server has done by
    /// then is what came before it.
    pub fn vanish_at(&self, text: &str) -> oneshot::Receiver<()> {
        self.lose(text, When::Sent, Then::Silence)
    }

    /// Keeps every notification back, or lets them pass again: LISTEN is answered, and nothing is ever heard, as through a
    /// pooler in transaction mode.
    pub fn keep_notifications(&self, keep: bool) {
        self.faults.keeps_notifications.store(keep, Ordering::Relaxed);
    }

    /// Comes when a notification was kept back since this last came.
    pub async fn notification_kept(&self) {
        self.faults.kept_notification.notified().await;
    }

    fn lose(&self, text: &str, when: When, then: Then) -> oneshot::Receiver<()> {
        let (done, lost) = oneshot::channel();
        *self.faults.lose() = Some(Loss {
            text: text.to_owned(),
            when,
            then,
            done,
        });
        lost
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

impl Faults {
    fn lose(&self) -> std::sync::MutexGuard<'_, Option<Loss>> {
        self.lose.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_loss_in(&self, message: &[u8], when: When) -> Option<Loss> {
        let mut lose = self.lose();
        let in_a_word = |before: u8| before == b'_' || before.is_ascii_alphanumeric();
        let wanted = |loss: &mut Loss| {
            let text = loss.text.as_bytes();
            loss.when == when
                && !text.is_empty()
                && message
                    .windows(text.len() + 1)
                    .any(|part| part[1..].eq_ignore_ascii_case(text) && !in_a_word(part[0]))
        };
        lose.take_if(wanted)
    }
}

async fn accept(listener: TcpListener, server: PathBuf, faults: Arc<Faults>) {
    while let Ok((client, _)) = listener.accept().await {
        let (server, faults) = (server.clone(), Arc::clone(&faults));
        tokio::spawn(async move { serve(client, &server, &faults).await });
    }
}

/// Whatever ends a connection here, the client sees a reset and no farewell.
async fn serve(client: TcpStream, server: &Path, faults: &Faults) {
    // Without it the client would see an orderly end, which is a smaller fault than the one asked for.
    let _ = client.set_zero_linger();
    let _ = client.set_nodelay(true);
    let mut cut = faults.cut.subscribe();
    tokio::select! {
        _ = cut.wait_for(|cut| *cut) => {}
        _ = pump(client, server, faults) => {}
    }
}

async fn pump(client: TcpStream, server: &Path, faults: &Faults) -> io::Result<()> {
    let server = UnixStream::connect(server).await?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    // One entry per answer under way, in order; an answer to lose carries its loss.
    let answers: Mutex<VecDeque<Option<Loss>>> = Mutex::default();
    let answers = || answers.lock().unwrap_or_else(PoisonError::into_inner);

    let questions = async {
        let (mut frames, mut lost) = (Frames::new(true), None);
        let mut prepared = HashMap::new();
        while let Some(frame) = frames.next(&mut from_client).await? {
            let kind = frame.kind;
            if matches!(kind, Some(b'Q' | b'P')) {
                lost = lost.or_else(|| faults.take_loss_in(&frame.bytes, When::Sent));
            }
            if kind == Some(b'P') {
                prepared.insert(frame.text(0).to_vec(), frame.bytes.clone());
            } else if kind == Some(b'B') {
                let parsed = prepared.get(frame.text(1));
                lost = lost.or_else(|| faults.take_loss_in(parsed?, When::Executed));
            }
            if matches!(kind, None | Some(b'Q' | b'S' | b'F')) {
                answers().push_back(lost.take());
            }
            to_server.write_all(&frame.bytes).await?;
        }
        to_server.shutdown().await
    };
    let replies = async {
        let mut frames = Frames::new(false);
        while let Some(frame) = frames.next(&mut from_server).await? {
            let ready = frame.kind == Some(b'Z');
            let keep = answers().front().is_some_and(Option::is_some);
            if ready && let Some(Some(loss)) = answers().pop_front() {
                // The test may have stopped listening.
                let _ = loss.done.send(());
                return Ok(loss.then);
            }
            if keep {
                continue;
            }
            if frame.kind == Some(b'A') && faults.keeps_notifications.load(Ordering::Relaxed) {
                faults.kept_notification.notify_one();
                continue;
            }
            let delay = faults.delay_millis.load(Ordering::Relaxed);
            if delay > 0 {
                tokio::time::sleep(Duration::from_millis(delay)).await;
            }
            to_client.write_all(&frame.bytes).await?;
        }
        io::Result::Ok(Then::Reset)
    };
    let then = tokio::select! {
        ended = replies => ended?,
        Err(broken) = questions => return Err(broken),
    };
    match then {
        Then::Reset => Ok(()),
        // Both sides stay open and unread until the proxy ends.
        Then::Silence => std::future::pending().await,
    }
}

/// One message of the protocol, as it stood on the wire. The first of a client has no kind.
struct Frame {
    kind: Option<u8>,
    bytes: Vec<u8>,
}

impl Frame {
    /// Of the texts that the message begins with, the one at that place; each ends with a zero.
    fn text(&self, place: usize) -> &[u8] {
        let texts = self.bytes.get(5..).unwrap_or_default();
        texts.split(|byte| *byte == 0).nth(place).unwrap_or_default()
    }
}

struct Frames {
    first: bool,
    pending: Vec<u8>,
}

impl Frames {
    fn new(first_has_no_kind: bool) -> Self {
        Self {
            first: first_has_no_kind,
            pending: Vec::new(),
        }
    }

    async fn next(&mut self, from: &mut (impl tokio::io::AsyncRead + Unpin)) -> io::Result<Option<Frame>> {
        loop {
            let head = usize::from(!self.first);
            if let Some(length) = self.pending.get(head..head + 4) {
                let length = u32::from_be_bytes(length.try_into().expect("four bytes were asked for"));
                let whole = head + usize::try_from(length).expect("a length of 32 bits fits");
                if self.pending.len() >= whole {
                    let rest = self.pending.split_off(whole);
                    let bytes = std::mem::replace(&mut self.pending, rest);
                    let kind = (!self.first).then(|| bytes[0]);
                    self.first = false;
                    return Ok(Some(Frame { kind, bytes }));
                }
            }
            if from.read_buf(&mut self.pending).await? == 0 {
                return Ok(None);
            }
        }
    }
}
