//! Objects, their fields, and the rules that bind fields together.

use super::Kind;

/// One field of an object.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What holds where it is absent, as JSON.
    pub default: Option<&'static str>,
    /// What it means.
    pub about: &'static str,
}

impl Field {
    /// An optional field.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            kind,
            required: false,
            default: None,
            about,
        }
    }

    /// The same field, required.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field with a default, written as JSON.
    #[must_use]
    pub const fn default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }
}

/// One kind of object.
#[derive(Debug)]
pub struct Object {
    /// Its name in the schema's definitions.
    pub name: &'static str,
    /// What it means.
    pub about: &'static str,
    /// Its fields, in groups that objects share.
    pub groups: &'static [&'static [Field]],
    /// What binds its fields together. A failed [`Rule::ExactlyOne`] ends the evaluation.
    pub rules: &'static [Rule],
    /// Names that an author may expect here, each with the reason why it is not.
    pub refused: &'static [Refused],
}

impl Object {
    /// Every field.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + use<> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields().find(|field| field.name == name)
    }
}

/// A name that an author may expect in an object where it is not.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// The name.
    pub name: &'static str,
    /// The code of the problem.
    pub code: &'static str,
    /// What to do instead.
    pub hint: &'static str,
}

/// What binds the fields of an object together.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Exactly one of these fields is there.
    ExactlyOne(&'static [&'static str]),
    /// At most one of these fields is there.
    AtMostOne(&'static [&'static str]),
    /// Where the field holds one of these words, others are required or refused.
    When {
        /// The field.
        field: &'static str,
        /// The words.
        is: &'static [&'static str],
        /// The fields that must be there.
        requires: &'static [&'static str],
        /// The fields that must not.
        refuses: &'static [&'static str],
    },
    /// Where the field is there, others are required or refused.
    With {
        /// The field.
        field: &'static str,
        /// The fields that must be there.
        requires: &'static [&'static str],
        /// The fields that must not.
        refuses: &'static [&'static str],
    },
}
