//! Between the asynchronous world of databases and the blocking one of compression: a thread at each end of a short queue, so that
//! memory stays bounded whichever side is slower.

use super::format::{FormatError, Frame, Reader, Writer};
use super::seal::{self, Sealed};
use age::x25519::{Identity, Recipient};
use anyhow::Context;
use std::fs::File;
use std::path::PathBuf;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Frames in flight.
const QUEUE: usize = 8;

/// A sealed file that is being written from frames.
pub struct Writing {
    pub frames: mpsc::Sender<Frame>,
    task: JoinHandle<anyhow::Result<Sealed>>,
}

impl Writing {
    pub fn begin(path: PathBuf, recipient: Recipient) -> Writing {
        let (frames, mut queue) = mpsc::channel(QUEUE);
        let task = tokio::task::spawn_blocking(move || {
            let mut writer = Writer::new(seal::create(&path, &recipient)?)?;
            while let Some(frame) = queue.blocking_recv() {
                writer.write(&frame)?;
                if frame == Frame::Done {
                    let (sealed, file) = writer.into_inner().finish()?;
                    file.into_inner()
                        .context("the last bytes cannot be written")?
                        .sync_all()?;
                    return Ok(sealed);
                }
            }
            anyhow::bail!("the backup was broken off")
        });
        Writing { frames, task }
    }

    pub async fn send(&self, frame: Frame) -> anyhow::Result<()> {
        let gone = |_| anyhow::anyhow!("the backup cannot be written any further; is the disk full?");
        self.frames.send(frame).await.map_err(gone)
    }

    /// Sends `Done`; what the file became.
    pub async fn finish(self) -> anyhow::Result<Sealed> {
        // A full disk shows here, in the words of whoever met it.
        let _ = self.frames.send(Frame::Done).await;
        drop(self.frames);
        self.task.await?.context("the backup cannot be written")
    }
}

/// Frames of a sealed file, the last being `Done` or an error.
pub fn read(path: PathBuf, identity: Identity) -> mpsc::Receiver<Result<Frame, FormatError>> {
    let (out, queue) = mpsc::channel(QUEUE);
    tokio::task::spawn_blocking(move || {
        let open = || -> anyhow::Result<Reader<_>> { Ok(Reader::new(seal::open(File::open(&path)?, &identity)?)?) };
        let mut reader = match open() {
            Ok(reader) => reader,
            Err(error) => {
                let _ = out.blocking_send(Err(FormatError::Damaged(format!("{error:#}"))));
                return;
            }
        };
        loop {
            let frame = reader.read();
            let last = !matches!(&frame, Ok(frame) if *frame != Frame::Done);
            if out.blocking_send(frame).is_err() || last {
                return;
            }
        }
    });
    queue
}
