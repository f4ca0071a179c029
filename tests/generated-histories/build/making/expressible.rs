//! Which of the histories that chance brings the grammar has words for.

use super::possible::is_possible;
use crate::model::{Child, History, How, Style};
use crate::types::Type;

/// What the grammar has no words for, or what has no one order in which it fails.
pub(super) fn is_expressible(history: &History, children: &[Child]) -> bool {
    let latest = history.latest();
    // The first and the last version at which a value that may fail moves.
    let mut moving = None;
    for id in history.ids() {
        let fields = history
            .versions
            .iter()
            .filter_map(|version| version.field(id));
        let child = fields.filter_map(|field| match field.ty {
            Type::Child { child, .. } => Some(child),
            Type::Plain(_) => None,
        });
        let Some(child) = child.max() else { continue };
        let looks = history.looks(id);
        match history.today(id) {
            // A value that is gone is never brought to today, so it has one look.
            None if looks.len() > 1 => return false,
            None => {}
            Some(today) => {
                let Type::Child { version, .. } = today.ty else {
                    return false;
                };
                if version != children[child].latest {
                    return false;
                }
                let changes = |version: &usize| {
                    let field = history.at(*version).field(id);
                    field.is_some_and(|field| matches!(field.how, How::Child))
                };
                let moves: Vec<_> = (2..=latest).filter(changes).collect();
                if let (true, [first, .., last] | [first @ last]) =
                    (children[child].can_fail, &moves[..])
                    && moving.replace((*first, *last)).is_some()
                {
                    return false;
                }
            }
        }
    }
    // A value in the event fails at the version where it is today's, which may be after another failure: the plain
    // conversions fail where it moves.
    if let Some((first, last)) = moving
        && (first + 1..=last).any(|version| history.at(version).can_fail())
    {
        return false;
    }
    for version in 1..=latest {
        let at = history.at(version);
        if version < latest && at.explicit {
            let around = [version.saturating_sub(1).max(1), version, version + 1];
            let unfit = |version: &usize| {
                let at = history.at(*version);
                at.fields.is_empty()
            };
            if around.iter().any(unfit) {
                return false;
            }
        }
        let mut wires: Vec<_> = at.fields.iter().map(|f| f.wire(at.container)).collect();
        wires.sort_unstable();
        if wires.windows(2).any(|pair| pair[0] == pair[1]) {
            return false;
        }
        if version == 1 {
            continue;
        }
        let older = history.at(version - 1);
        let same_fields = at.fields.len() == older.fields.len()
            && at.fields.iter().all(|field| {
                let mut looks = history.looks(field.id).into_iter();
                looks.all(|(from, _)| from != version)
            });
        let described = !same_fields
            || history.by_hand(version)
            || (at.container, &at.event) != (older.container, &older.event);
        if !described {
            return false;
        }
        for field in &at.fields {
            let moves = matches!(field.how, How::Child);
            if moves && history.by_hand(version) {
                return false;
            }
            // A field that takes a name in the version that frees it: only from one that is still there.
            let freed = older.fields.iter().find(|other| other.name == field.name);
            if let (How::Filled(_), Some(freed)) = (field.how, freed)
                && history.today(freed.id).is_none()
            {
                return false;
            }
        }
    }
    (history.style != Style::Unit || history.at(latest).fields.is_empty()) && is_possible(history)
}
