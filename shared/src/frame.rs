//! The frame that every message travels in: a fixed prelude, a MessagePack head, the raw body.
//!
//! ```text
//! u8 version | u8 kind | u16 flags | u32 head length | head | body
//! ```
//!
//! Numbers are big-endian. The head is MessagePack with named fields, so that a released head may
//! gain optional fields: an old reader skips them, a new one defaults them. The body is the
//! caller's or the workflow's own bytes, never re-encoded.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of the prelude and of the messages in [`crate::v1`].
pub const VERSION: u8 = 1;

const PRELUDE: usize = 8;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A request; its subject names the head's type.
    Request = 1,
    /// The result of a request; the request names the head's type.
    Result = 2,
    /// A request or a run that failed: head [`crate::v1::reply::Failure`].
    Failure = 3,
    /// A whole reply, or the first part of one: head [`crate::v1::reply::Answer`].
    Answer = 4,
    /// A further part of a reply: head [`crate::v1::reply::Part`].
    Part = 5,
    /// The start of a streamed reply: head [`crate::v1::reply::Open`].
    Open = 6,
    /// One frame of a streamed reply: head [`crate::v1::reply::StreamFrame`].
    Stream = 7,
    /// The end of a run: head [`crate::v1::reply::End`].
    End = 8,
    /// An entry in the journal of a run: head [`crate::v1::journal::Entry`].
    Entry = 9,
    /// A request with an `Idempotency-Key`: head [`crate::v1::idempotency::KeyedRequest`].
    Keyed = 10,
    /// What reaches a run from outside while it waits: head [`crate::v1::letters::Letter`].
    Letter = 11,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Request,
            2 => Self::Result,
            3 => Self::Failure,
            4 => Self::Answer,
            5 => Self::Part,
            6 => Self::Open,
            7 => Self::Stream,
            8 => Self::End,
            9 => Self::Entry,
            10 => Self::Keyed,
            11 => Self::Letter,
            _ => return None,
        })
    }
}

/// A frame as it came off the wire, its head not yet read.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What the frame is.
    pub kind: Kind,
    /// Reserved; zero. A reader skips flags that it does not know.
    pub flags: u16,
    head: Bytes,
    /// The raw body.
    pub body: Bytes,
}

/// Why bytes are no frame that this release reads.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The bytes end before the prelude or the head does.
    #[error("the frame is cut short: {0} bytes")]
    Short(usize),
    /// A version that this release does not speak.
    #[error("frame version {0} is not spoken here")]
    Version(u8),
    /// A kind that this release does not know.
    #[error("frame kind {0} is not known here")]
    Kind(u8),
    /// A head that is not of the expected type.
    #[error("the frame's head cannot be read")]
    Decode(#[from] rmp_serde::decode::Error),
    /// A head that cannot be written.
    #[error("the frame's head cannot be written")]
    Encode(#[from] rmp_serde::encode::Error),
}

/// Writes a frame.
///
/// # Errors
/// [`FrameError::Encode`] when the head cannot be written as MessagePack.
pub fn encode<H: Serialize>(kind: Kind, head: &H, body: &[u8]) -> Result<Bytes, FrameError> {
    let mut buffer = BytesMut::with_capacity(PRELUDE + 256 + body.len());
    buffer.put_u8(VERSION);
    buffer.put_u8(kind as u8);
    buffer.put_u16(0);
    buffer.put_u32(0);
    let mut writer = buffer.writer();
    rmp_serde::encode::write_named(&mut writer, head)?;
    let mut buffer = writer.into_inner();
    let length = u32::try_from(buffer.len() - PRELUDE).unwrap_or(u32::MAX);
    if let Some(slot) = buffer.get_mut(4..PRELUDE) {
        slot.copy_from_slice(&length.to_be_bytes());
    }
    buffer.extend_from_slice(body);
    Ok(buffer.freeze())
}

/// Reads a frame's prelude and splits head from body, without copying either.
///
/// # Errors
/// [`FrameError::Short`], [`FrameError::Version`] or [`FrameError::Kind`].
pub fn decode(mut bytes: Bytes) -> Result<Frame, FrameError> {
    let size = bytes.len();
    let Some(&[version, kind, flags_high, flags_low, a, b, c, d]) = bytes.first_chunk::<PRELUDE>()
    else {
        return Err(FrameError::Short(size));
    };
    if version != VERSION {
        return Err(FrameError::Version(version));
    }
    let kind = Kind::from_byte(kind).ok_or(FrameError::Kind(kind))?;
    let head_length = u32::from_be_bytes([a, b, c, d]) as usize;
    if size - PRELUDE < head_length {
        return Err(FrameError::Short(size));
    }
    let mut rest = bytes.split_off(PRELUDE);
    let body = rest.split_off(head_length);
    Ok(Frame {
        kind,
        flags: u16::from_be_bytes([flags_high, flags_low]),
        head: rest,
        body,
    })
}

impl Frame {
    /// Reads the head as the type that the frame's kind and subject name.
    ///
    /// # Errors
    /// [`FrameError::Decode`] when the head is not of that type.
    pub fn head<H: DeserializeOwned>(&self) -> Result<H, FrameError> {
        Ok(rmp_serde::from_slice(&self.head)?)
    }
}

/// Reads a MessagePack value with named fields, as KV buckets hold them.
///
/// # Errors
/// [`FrameError::Decode`] when the bytes are no such value.
pub fn unpack<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, FrameError> {
    Ok(rmp_serde::from_slice(bytes)?)
}

/// Writes a value as MessagePack with named fields, as KV buckets hold them.
///
/// # Errors
/// [`FrameError::Encode`] when the value cannot be written.
pub fn pack<T: Serialize>(value: &T) -> Result<Bytes, FrameError> {
    Ok(rmp_serde::to_vec_named(value)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Old {
        name: String,
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct New {
        name: String,
        #[serde(default)]
        added: Option<u32>,
    }

    #[test]
    fn a_frame_reads_back_with_its_body_untouched() {
        let head = Old {
            name: "first".into(),
        };
        let bytes = encode(Kind::Answer, &head, b"\x00raw\xff").unwrap();
        let frame = decode(bytes).unwrap();
        assert_eq!(frame.kind, Kind::Answer);
        assert_eq!(frame.head::<Old>().unwrap(), head);
        assert_eq!(frame.body.as_ref(), b"\x00raw\xff");
    }

    #[test]
    fn old_and_new_heads_read_each_other() {
        let new = encode(
            Kind::Request,
            &New {
                name: "n".into(),
                added: Some(1),
            },
            b"",
        )
        .unwrap();
        assert_eq!(decode(new).unwrap().head::<Old>().unwrap().name, "n");
        let old = encode(Kind::Request, &Old { name: "o".into() }, b"").unwrap();
        assert_eq!(decode(old).unwrap().head::<New>().unwrap().added, None);
    }

    #[test]
    fn cut_foreign_and_unknown_frames_are_refused() {
        let good = encode(Kind::Request, &Old { name: "o".into() }, b"").unwrap();
        for end in 0..good.len() {
            assert!(
                matches!(decode(good.slice(..end)), Err(FrameError::Short(_))),
                "{end}"
            );
        }
        let with = |at: usize, byte: u8| {
            let mut bytes = good.to_vec();
            bytes[at] = byte;
            decode(bytes.into())
        };
        assert!(matches!(with(0, 2), Err(FrameError::Version(2))));
        assert!(matches!(with(1, 99), Err(FrameError::Kind(99))));
    }
}
