//! Where the system gets Debian's packages from, read from its own apt sources.

use std::fs;
use std::path::Path;

/// The mirror of Debian that the system itself uses, if its apt sources name one.
pub(crate) fn debian_mirror(etc_apt: &Path) -> Option<String> {
    let mut files = vec![etc_apt.join("sources.list")];
    if let Ok(folder) = fs::read_dir(etc_apt.join("sources.list.d")) {
        files.extend(folder.flatten().map(|entry| entry.path()));
    }
    files.sort();
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| mirror_in(&text))
}

/// The first address of Debian proper in a sources file, in either of apt's two notations.
fn mirror_in(text: &str) -> Option<String> {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    let mut words = lines
        .filter(|line| line.starts_with("deb ") || line.starts_with("URIs:"))
        .flat_map(str::split_whitespace);
    words.find(|word| is_debian(word)).map(str::to_owned)
}

/// Debian's archive ends in `/debian`, on a mirror list of cloud images in `/debian.list`; `/debian-security` and other
/// publishers' archives do not carry the package.
fn is_debian(word: &str) -> bool {
    let address = word.trim_end_matches('/');
    address.contains(":/") && (address.ends_with("/debian") || address.ends_with("/debian.list"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mirror_is_read_from_the_newer_notation() {
        let text = "Types: deb\n# URIs: http://old.example/debian\nURIs: http://mirror.example/debian\nSuites: bookworm\n";
        assert_eq!(
            mirror_in(text).as_deref(),
            Some("http://mirror.example/debian")
        );
    }

    #[test]
    fn the_mirror_is_read_from_the_one_line_notation() {
        let text = "deb [arch=amd64] https://mirror.example/pub/debian/ bookworm main\n";
        assert_eq!(
            mirror_in(text).as_deref(),
            Some("https://mirror.example/pub/debian/")
        );
    }

    #[test]
    fn a_mirror_list_of_a_cloud_image_counts() {
        let text = "URIs: mirror+file:/etc/apt/mirrors/debian.list\n";
        assert_eq!(
            mirror_in(text).as_deref(),
            Some("mirror+file:/etc/apt/mirrors/debian.list")
        );
    }

    #[test]
    fn other_archives_are_not_taken_for_debian() {
        assert_eq!(
            mirror_in("deb http://mirror.example/debian-security bookworm-security main\n"),
            None
        );
        assert_eq!(
            mirror_in("deb http://mirror.example/ubuntu noble main\n"),
            None
        );
        assert_eq!(
            mirror_in("# deb http://mirror.example/debian bookworm main\n"),
            None
        );
        assert_eq!(
            mirror_in("deb-src http://mirror.example/debian bookworm main\n"),
            None
        );
    }
}
