//! An exporter that runs, and what is said to it.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

/// Much longer than anything should take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An exporter at a port of its own. It ends with this.
pub struct Exporter {
    child: Child,
    /// What it has logged until it listened.
    pub logged: Vec<String>,
    /// Its log, which stays open until the exporter ends.
    log: BufReader<ChildStderr>,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Exporter {
    /// One with these options, at a port of the system's choice.
    pub fn start(options: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ntpkit"));
        command.args(["exporter", "--web.listen-address", "127.0.0.1:0"]).args(options);
        Self::of(command)
    }

    /// One that is started so.
    pub fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        Self::listening(command)
    }

    /// The same, with the standard input as it is.
    pub fn listening(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut logged = Vec::new();
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "it ended: {logged:?}");
            let address = line
                .split_once("msg=\"Listening on\" address=")
                .map(|(_, rest)| rest.split_whitespace().next().unwrap().trim_matches('"').parse().unwrap());
            logged.push(line);
            if let Some(address) = address {
                break address;
            }
        };
        Self { child, logged, log, address }
    }

    /// A connection.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What is answered to these octets, up to the end of the connection.
    pub fn say(&self, octets: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect();
        // It may have been closed before everything was sent.
        drop(stream.write_all(octets.as_ref()));
        read_all(&mut stream)
    }

    /// The answer to a request.
    pub fn get(&self, path: &str) -> Answer {
        self.get_with(path, "")
    }

    /// The same with further headers.
    pub fn get_with(&self, path: &str, headers: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        Answer::of(&self.say(request))
    }

    /// Sends it a signal.
    pub fn send(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for its end; returns its exit status, `None` after a signal, and the lines logged since it listened.
    pub fn wait(&mut self) -> (Option<i32>, Vec<String>) {
        let mut text = String::new();
        self.log.read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text.split_inclusive('\n').map(str::to_owned).collect())
    }

    /// The memory that it takes, in KiB.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What comes until the connection ends.
pub fn read_all(stream: &mut impl std::io::Read) -> String {
    let mut octets = Vec::new();
    // A reset ends it, too.
    drop(stream.read_to_end(&mut octets));
    String::from_utf8(octets).unwrap()
}

/// Says that there is no more to come.
pub fn half_close(stream: &TcpStream) {
    stream.shutdown(Shutdown::Write).unwrap();
}

/// An answer of HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn of(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
    }

    /// The value of a sample, by its name and labels.
    pub fn sample(&self, series: &str) -> Option<f64> {
        let line = self
            .body
            .lines()
            .find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    /// Why the probe failed.
    pub fn failure(&self) -> Option<&str> {
        let line = self.body.lines().find(|line| line.starts_with("ntpkit_probe_failure_info{"))?;
        line.split('"').nth(1)
    }
}
