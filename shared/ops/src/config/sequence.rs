//! The items of a list and the entries of a table, as serde walks them.

use std::collections::btree_map;
use std::iter::Enumerate;
use std::slice;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess};

use super::flaw::Flaw;
use super::read::Reader;
use super::tree::{Node, Table};

/// The items of a list.
pub(super) struct Items<'a> {
    list: Reader<'a>,
    rest: Enumerate<slice::Iter<'a, Node>>,
}

impl<'a> Items<'a> {
    pub(super) fn new(list: &Reader<'a>, items: &'a [Node]) -> Self {
        Self {
            list: list.clone(),
            rest: items.iter().enumerate(),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Flaw;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Flaw> {
        let Some((index, node)) = self.rest.next() else {
            return Ok(None);
        };
        let reader = Reader {
            key: format!("{}[{index}]", self.list.key),
            node,
            secrets: self.list.secrets,
            fields: &[],
        };
        reader.clone().place(seed.deserialize(reader)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// The entries of a table.
pub(super) struct Entries<'a> {
    table: Reader<'a>,
    rest: btree_map::Iter<'a, String, Node>,
    next: Option<Reader<'a>>,
}

impl<'a> Entries<'a> {
    pub(super) fn new(table: &Reader<'a>, entries: &'a Table) -> Self {
        Self {
            table: table.clone(),
            rest: entries.iter(),
            next: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Flaw;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Flaw> {
        let Some((name, node)) = self.rest.next() else {
            return Ok(None);
        };
        let key = format!("{}.{name}", self.table.key);
        let found = seed
            .deserialize(StrDeserializer::<Flaw>::new(name))
            .map_err(|flaw| flaw.at(&key, &node.origin))?;
        // The value's reader knows the fields beside it, for the case that its type passes it over.
        self.next = Some(Reader {
            key,
            node,
            secrets: self.table.secrets,
            fields: self.table.fields,
        });
        Ok(Some(found))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Flaw> {
        match self.next.take() {
            // A type may refuse a value after it was read, so the place is added here too.
            Some(reader) => reader.clone().place(seed.deserialize(reader)),
            None => Err(Flaw::invalid("a value was asked for before its key")),
        }
    }
}
