//! Ctrl-C as something to ask about, while a command has a use for it.

use signal_hook::consts::SIGINT;
use signal_hook::flag;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// While it lives, the interrupt signal is noted and does not end the process.
#[derive(Debug)]
pub struct Interrupt(());

struct Flags {
    /// The signal came.
    raised: Arc<AtomicBool>,
    /// The signal ends the process.
    fatal: Arc<AtomicBool>,
}

static FLAGS: OnceLock<Option<Flags>> = OnceLock::new();

impl Interrupt {
    /// Begins to note the signal; none that came before counts.
    ///
    /// # Errors
    /// The system lets the signal not be handled.
    pub fn watch() -> io::Result<Self> {
        let flags = FLAGS.get_or_init(|| install().ok()).as_ref();
        let flags = flags.ok_or_else(|| io::Error::from(io::ErrorKind::Unsupported))?;
        flags.raised.store(false, Ordering::SeqCst);
        flags.fatal.store(false, Ordering::SeqCst);
        Ok(Self(()))
    }

    /// Whether the signal came since this was asked last.
    pub fn take(&self) -> bool {
        match FLAGS.get() {
            Some(Some(flags)) => flags.raised.swap(false, Ordering::SeqCst),
            _ => false,
        }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if let Some(Some(flags)) = FLAGS.get() {
            flags.fatal.store(true, Ordering::SeqCst);
        }
    }
}

fn install() -> io::Result<Flags> {
    let flags = Flags { raised: Arc::default(), fatal: Arc::new(AtomicBool::new(true)) };
    // In this order: the signal that comes while nobody watches must end the process as ever.
    flag::register_conditional_default(SIGINT, Arc::clone(&flags.fatal))?;
    flag::register(SIGINT, Arc::clone(&flags.raised))?;
    Ok(flags)
}
