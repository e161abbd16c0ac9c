//! The wire between one borough and the region: it passes TLS bytes, and cuts at will.
//!
//! It reads no more of TLS than the lengths of records. Nothing is ever resumed here, so after its first flight the
//! server speaks only to answer: what comes back then, and is longer than an alert, is an answer.

use std::{
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// What the wire does to the calls that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Passes everything.
    Nothing,
    /// Breaks before the request with this number, from 0, has come through.
    Request(u32),
    /// Lets the region act on the request with this number, from 0, and breaks when its answer begins to come back.
    Answer(u32),
}

#[derive(Debug)]
struct Wire {
    cut: Cut,
    /// Answers that came back since the wire was last told what to do.
    answers: u32,
}

/// A listener that passes on what it is sent.
#[derive(Debug)]
pub(super) struct Relay {
    address: SocketAddr,
    wire: Arc<Mutex<Wire>>,
    ended: Arc<AtomicBool>,
}

/// The longest record that is taken for an alert.
const ALERT: usize = 64;

impl Relay {
    /// A wire to an address, with an address of its own.
    pub(super) fn to(region: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let wire = Arc::new(Mutex::new(Wire { cut: Cut::Nothing, answers: 0 }));
        let ended = Arc::new(AtomicBool::new(false));
        let (of_thread, over) = (Arc::clone(&wire), Arc::clone(&ended));
        thread::spawn(move || {
            for caller in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(caller) = caller else { continue };
                let wire = Arc::clone(&of_thread);
                thread::spawn(move || pass(caller, region, &wire));
            }
        });
        Ok(Self { address, wire, ended })
    }

    /// Where a node finds the region.
    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// Tells the wire what to do from now on.
    pub(super) fn will(&self, cut: Cut) {
        *lock(&self.wire) = Wire { cut, answers: 0 };
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for callers.
        drop(TcpStream::connect(self.address));
    }
}

fn lock(wire: &Mutex<Wire>) -> std::sync::MutexGuard<'_, Wire> {
    wire.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far one connection has come.
#[derive(Debug, Default)]
struct Talk {
    /// The server's first flight has come.
    greeted: AtomicBool,
    /// A request is under way and was not answered.
    asked: AtomicBool,
}

fn pass(caller: TcpStream, region: SocketAddr, wire: &Arc<Mutex<Wire>>) {
    let Ok(server) = TcpStream::connect(region) else { return };
    let (Ok(from_caller), Ok(from_server)) = (caller.try_clone(), server.try_clone()) else { return };
    // Small records must not wait for each other.
    let _ = (caller.set_nodelay(true), server.set_nodelay(true));
    let talk = Arc::new(Talk::default());
    let back = (Arc::clone(wire), Arc::clone(&talk));
    let answering = thread::spawn(move || answers(from_server, caller, &back.0, &back.1));
    requests(from_caller, server, wire, &talk);
    let _ = answering.join();
}

fn end(one: &TcpStream, other: &TcpStream) {
    let _ = (one.shutdown(Shutdown::Both), other.shutdown(Shutdown::Both));
}

fn requests(mut caller: TcpStream, mut server: TcpStream, wire: &Mutex<Wire>, talk: &Talk) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = caller.read(&mut bytes) {
        if talk.greeted.load(Ordering::SeqCst) && !talk.asked.load(Ordering::SeqCst) {
            let wire = lock(wire);
            if wire.cut == Cut::Request(wire.answers) {
                break;
            }
            talk.asked.store(true, Ordering::SeqCst);
        }
        if server.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    end(&caller, &server);
}

fn answers(mut server: TcpStream, mut caller: TcpStream, wire: &Mutex<Wire>, talk: &Talk) {
    while let Some(record) = record(&mut server) {
        if talk.asked.load(Ordering::SeqCst) && record.len() > ALERT {
            let mut wire = lock(wire);
            if wire.cut == Cut::Answer(wire.answers) {
                break;
            }
            wire.answers += 1;
            talk.asked.store(false, Ordering::SeqCst);
        }
        if caller.write_all(&record).is_err() {
            break;
        }
        talk.greeted.store(true, Ordering::SeqCst);
    }
    end(&caller, &server);
}

/// One TLS record whole: type, version, length, and so many bytes.
fn record(from: &mut TcpStream) -> Option<Vec<u8>> {
    let mut record = vec![0; 5];
    from.read_exact(&mut record).ok()?;
    let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
    record.resize(5 + length, 0);
    from.read_exact(&mut record[5..]).ok()?;
    Some(record)
}
