//! The numbers behind the texts that repeat.

use std::{borrow::Borrow, collections::HashMap, hash::Hash};

use eventsource_core::{Category, ContentType, EventName, StreamId};

/// How many streams are kept before all are forgotten.
const STREAMS: usize = 65_536;

/// A stream's number, and that of its category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StreamNumber {
    pub(super) stream: i64,
    pub(super) category: i64,
}

/// Numbers that are known. Those that the present transaction has made count only once it is committed: after a
/// rollback another transaction may give them to other texts.
#[derive(Debug, Default)]
pub(super) struct Interned {
    pub(super) streams: Numbers<StreamId, StreamNumber>,
    pub(super) categories: Numbers<Category, i64>,
    pub(super) names: Numbers<EventName, i64>,
    pub(super) content_types: Numbers<ContentType, i64>,
}

impl Interned {
    pub(super) fn committed(&mut self) {
        if self.streams.committed.len() >= STREAMS {
            self.streams.committed.clear();
        }
        self.streams.committed();
        self.categories.committed();
        self.names.committed();
        self.content_types.committed();
    }

    /// Forgets what the present transaction has made, also when only a part of it is undone: what is still there is
    /// looked up again.
    pub(super) fn undone(&mut self) {
        self.streams.pending.clear();
        self.categories.pending.clear();
        self.names.pending.clear();
        self.content_types.pending.clear();
    }
}

#[derive(Debug)]
pub(super) struct Numbers<K, V> {
    committed: HashMap<K, V>,
    pending: HashMap<K, V>,
}

impl<K, V> Default for Numbers<K, V> {
    fn default() -> Self {
        Self {
            committed: HashMap::new(),
            pending: HashMap::new(),
        }
    }
}

impl<K: Eq + Hash, V: Copy> Numbers<K, V> {
    pub(super) fn get<Q: Eq + Hash + ?Sized>(&self, text: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let known = self.committed.get(text);
        known.or_else(|| self.pending.get(text)).copied()
    }

    pub(super) fn insert(&mut self, text: K, number: V) {
        self.pending.insert(text, number);
    }

    fn committed(&mut self) {
        self.committed.extend(self.pending.drain());
    }
}
