//! A buffer that refuses to grow past a bound.

use std::io;

use crate::interrupt;

/// Text that is being rendered.
pub(crate) struct Capped {
    bytes: Vec<u8>,
    most: usize,
    crossed: bool,
}

impl Capped {
    pub(crate) fn new(most: usize, expected: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(expected.min(most)),
            most,
            crossed: false,
        }
    }

    /// Whether something did not fit.
    pub(crate) fn crossed(&self) -> bool {
        self.crossed
    }

    /// The text so far. The engine writes whole texts, so it is UTF-8.
    pub(crate) fn into_text(self) -> String {
        String::from_utf8(self.bytes)
            .unwrap_or_else(|broken| String::from_utf8_lossy(broken.as_bytes()).into_owned())
    }
}

impl io::Write for Capped {
    fn write(&mut self, more: &[u8]) -> io::Result<usize> {
        if interrupt::is_given() {
            return Err(io::Error::other("the evaluation was interrupted"));
        }
        if self.bytes.len().saturating_add(more.len()) > self.most {
            self.crossed = true;
            return Err(io::Error::other("the bound on output bytes was crossed"));
        }
        self.bytes.extend_from_slice(more);
        Ok(more.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Capped;

    #[test]
    fn a_write_that_does_not_fit_is_refused_whole() {
        let mut capped = Capped::new(4, 16);
        capped.write_all(b"abc").unwrap();
        assert!(capped.write_all(b"de").is_err());
        assert!(capped.crossed());
        assert_eq!(capped.into_text(), "abc");
    }
}
