//! Headers as a map: `__data.__headers` and the headers of an answer.

use std::collections::HashMap;

use script::Value;

use super::fields::is_reserved;

/// Joins repeated headers by `, ` and drops those that would pass for a name of ours. Parts of a
/// `cookie`, which HTTP/2 may send one by one, are joined as RFC 9113 (8.2.3) says.
///
/// A caller can spell `__jwt_data` as a header, and `--jwt-data` is spelt `__jwt_data` too: neither
/// may stand where scripts look for what the platform checked.
pub(crate) fn spellings<'a>(
    headers: impl Iterator<Item = (&'a str, &'a str)>,
) -> Vec<(String, String)> {
    let mut joined: Vec<(String, String)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if is_reserved(&name.replace('-', "_")) {
            continue;
        }
        let known = places.get(&name).copied();
        if let Some((_, text)) = known.and_then(|place| joined.get_mut(place)) {
            text.push_str(if name == "cookie" { "; " } else { ", " });
            text.push_str(value);
        } else {
            places.insert(name.clone(), joined.len());
            joined.push((name, value.to_owned()));
        }
    }
    joined
}

/// Each header under its name, and under its name with `_` for `-`. Where a header `x_a` came beside
/// `x-a`, the latter takes both names: proxies set and check names with `-` only.
pub(crate) fn spelt_twice(headers: Vec<(String, String)>) -> Vec<(String, Value)> {
    let mut pairs = Vec::with_capacity(headers.len() * 2);
    let mut underscored = Vec::new();
    for (name, text) in headers {
        let value = Value::from(text);
        if name.contains('-') {
            underscored.push((name.replace('-', "_"), value.clone()));
        }
        pairs.push((name, value));
    }
    pairs.extend(underscored);
    pairs
}
