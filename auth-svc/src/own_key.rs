//! The service's own key: out of the settings, or out of a file that is made where it is missing.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::{fs, io};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ops::StartError;
use seal::PrivateKey;
use tempfile::NamedTempFile;
use zeroize::Zeroizing;

use crate::config::Config;

const MAKE_ONE: &str = "`openssl rand -base64 32` makes one";

/// Reads the key, or makes the file that it shall be in.
pub(crate) fn load(config: &Config) -> Result<PrivateKey, StartError> {
    match (&config.private_key, &config.private_key_file) {
        (Some(text), None) => decode(text.expose()).map_err(|what| wrong("auth.private_key", what)),
        (None, Some(file)) => from_file(file),
        (Some(_), Some(_)) => {
            let what = "auth.private_key and auth.private_key_file are both set: set one of them";
            Err(StartError::config(what))
        }
        (None, None) => Err(StartError::config(format!(
            "neither auth.private_key nor auth.private_key_file is set: secrets are sealed to that key; {MAKE_ONE}"
        ))),
    }
}

fn from_file(file: &Path) -> Result<PrivateKey, StartError> {
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make(file).map_err(|error| unusable(file, &error))?;
            fs::read_to_string(file)
        }
        read => read,
    };
    let text = Zeroizing::new(text.map_err(|error| unusable(file, &error))?);
    warn_of_readers(file);
    let setting = format!("auth.private_key_file ({})", file.display());
    decode(text.trim()).map_err(|what| wrong(&setting, what))
}

/// Makes the file whole or not at all, so that neither a crash nor a second instance finds half a key.
fn make(file: &Path) -> io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Such a file is readable for its owner alone.
    let mut new = NamedTempFile::new_in(folder)?;
    let text = Zeroizing::new(STANDARD.encode(PrivateKey::generate().to_bytes().expose()));
    writeln!(new, "{}", text.as_str())?;
    new.as_file().sync_all()?;
    match new.persist_noclobber(file) {
        Ok(_) => {
            tracing::info!(file = %file.display(), "made a new private key; keep a copy of it");
            Ok(())
        }
        // Another instance was faster; its key is as good.
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error.error),
    }
}

#[cfg(unix)]
fn warn_of_readers(file: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(file).map(|found| found.permissions().mode());
    if mode.is_ok_and(|mode| mode & 0o077 != 0) {
        tracing::warn!(file = %file.display(), "the private key can be read by others than its owner: chmod 600");
    }
}

#[cfg(not(unix))]
fn warn_of_readers(_: &Path) {}

fn decode(text: &str) -> Result<PrivateKey, &'static str> {
    let bytes = STANDARD
        .decode(text.trim())
        .map(Zeroizing::new)
        .map_err(|_| "is not base64")?;
    PrivateKey::from_bytes(&bytes).map_err(|_| "is not 32 bytes in base64")
}

fn wrong(setting: &str, what: &str) -> StartError {
    StartError::config(format!("{setting} {what}; {MAKE_ONE}"))
}

fn unusable(file: &Path, error: &io::Error) -> StartError {
    let file = file.display();
    StartError::config(format!(
        "auth.private_key_file: {file} cannot be read or made: {error}"
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use ops::Secret;

    use super::*;

    fn config(key: Option<&str>, file: Option<PathBuf>) -> Config {
        Config {
            private_key: key.map(Secret::new),
            private_key_file: file,
            permits: 1,
            print_first_token: false,
        }
    }

    #[test]
    fn a_missing_file_is_made_for_its_owner_alone_and_read_again_at_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deeper").join("auth.key");
        let first = load(&config(None, Some(file.clone()))).unwrap();
        assert_eq!(
            fs::metadata(&file).unwrap().permissions().mode() & 0o777,
            0o600
        );
        let second = load(&config(None, Some(file.clone()))).unwrap();
        assert_eq!(first.public(), second.public());
        let text = fs::read_to_string(&file).unwrap();
        let third = load(&config(Some(&text), None)).unwrap();
        assert_eq!(first.public(), third.public());
    }

    #[test]
    fn a_key_that_is_missing_given_twice_or_no_key_ends_with_64_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("auth.key");
        fs::write(&file, "c2hvcnQ=\n").unwrap();
        let bad = [
            config(None, None),
            config(Some("c2hvcnQ="), Some(file.clone())),
            config(Some("c2hvcnQ="), None),
            config(Some("%%c2hvcnQ"), None),
            config(None, Some(file.clone())),
            config(None, Some(file.join("below a file"))),
        ];
        for config in bad {
            let error = load(&config).unwrap_err();
            assert_eq!(error.exit_code(), 64, "{error}");
            assert!(!error.to_string().contains("c2hvcnQ"), "{error}");
        }
    }
}
