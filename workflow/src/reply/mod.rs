//! From a rendered script to what the caller gets.

mod detect;
mod frame;
mod headers;
mod redirect;
mod spec;

#[cfg(test)]
mod spec_tests;

pub use detect::content_type;
pub use frame::encode_frame;
pub use headers::{HeaderNote, HeadersTooLarge, check_header, is_framing, is_gateways_own};
pub use redirect::{RedirectRefused, check_redirect};
pub use spec::{Made, ReplyError, ReplySpec};

pub(crate) use frame::FrameSpec;

/// A whole reply. Header names are lower case; values hold no control characters and may hold
/// UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Header names and values, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}
