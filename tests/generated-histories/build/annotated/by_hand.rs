//! What users write beside the struct: steps, and shapes with `From` or `TryFrom` between them.

use std::fmt::Write as _;

use super::{Writing, container};
use crate::model::{Fill, How, Style};

impl Writing<'_> {
    /// Steps and shapes that the user wrote.
    pub(super) fn by_hand(&mut self, items: &mut Vec<String>) {
        let history = self.history;
        for version in 1..=history.latest() {
            if history.at(version).explicit {
                let name = format!("ByHand{version}");
                items.push(format!("v{version} = {name}"));
                self.explicit(version, &name);
            }
            if history.at(version).step {
                self.step(version, items);
            }
            if version > 1 && (history.at(version - 1).explicit || history.at(version).explicit) {
                self.from(version);
            }
        }
    }

    fn shape(&self, version: usize) -> String {
        if version == self.history.latest() {
            "Today".to_owned()
        } else if self.history.at(version).explicit {
            format!("ByHand{version}")
        } else {
            format!("Shape::<Today, {version}>")
        }
    }

    fn explicit(&mut self, version: usize, name: &str) {
        let at = self.history.at(version);
        let strict = container(at.container);
        let mut text = format!("#[derive(Deserialize)]\n{strict}pub(super) struct {name} {{\n");
        for field in &at.fields {
            let ty = self.ty(field.ty, self.history.today(field.id).is_some());
            if field.ty.plain().is_none() {
                self.words.insert("vN, a value in it");
            }
            if let Some(rename) = field.rename {
                let _ = writeln!(text, "    #[serde(rename = \"{rename}\")]");
            }
            let _ = writeln!(text, "    {}: {ty},", field.name);
        }
        text.push_str("}\n");
        self.helpers.push_str(&text);
    }

    /// A value of a version, made from the `old` one.
    fn whole(&self, to: usize) -> String {
        let (history, at) = (self.history, self.history.at(to));
        let mut fields = String::new();
        for field in &at.fields {
            let old = history.at(to - 1).field(field.id);
            let value = match (field.how, old) {
                (How::Filled(Fill::Value), _) => field
                    .ty
                    .plain()
                    .expect("only they have values")
                    .value
                    .to_owned(),
                (How::Filled(fill), _) => self.fill_expression(fill, to),
                (How::Converted(conversion), Some(old)) => {
                    conversion.said(&format!("old.{}.clone()", old.name))
                }
                (_, old) => {
                    // A value that is read twice is cloned; a past one is moved, as it can only be.
                    let clone = if field.ty.plain().is_some() {
                        ".clone()"
                    } else {
                        ""
                    };
                    format!("old.{}{clone}", old.expect("it was there").name)
                }
            };
            let tried = if field.can_fail() {
                format!("({value}).map_err(|error| error.to_string())?")
            } else {
                value
            };
            let name = if history.style == Style::Newtype {
                "0"
            } else {
                field.name
            };
            let _ = write!(fields, "{name}: {tried}, ");
        }
        if to == history.latest() && history.skipped {
            fields.push_str("never_stored: None, ");
        }
        format!("{} {{ {fields}}}", self.shape(to))
    }

    fn step(&mut self, to: usize, items: &mut Vec<String>) {
        let (tries, made) = (self.history.at(to).can_fail(), self.whole(to));
        let made = self.newtype_names(made, to);
        let (word, body) = if tries {
            self.words.insert("step, try_with");
            ("try_with", format!("Ok::<_, String>({made})"))
        } else {
            self.words.insert("step, with");
            ("with", made)
        };
        let said = if self.random.percent(40) {
            let name = format!("step_to_{to}");
            let (from, new) = (self.shape(to - 1), self.shape(to));
            let output = if tries {
                format!("Result<{new}, String>")
            } else {
                new
            };
            let _ = writeln!(
                self.helpers,
                "fn {name}(old: {from}) -> {output} {{\n    {body}\n}}"
            );
            name
        } else {
            format!("|old| {{ {body} }}")
        };
        items.push(format!("step({to}, {word} = {said})"));
    }

    /// The one field of a newtype is called by its number.
    fn newtype_names(&self, made: String, to: usize) -> String {
        if self.history.style != Style::Newtype {
            return made;
        }
        let name = self.history.at(to - 1).fields[0].name;
        made.replace(&format!("old.{name}"), "old.0")
    }

    fn from(&mut self, to: usize) {
        let (from, new) = (self.shape(to - 1), self.shape(to));
        let made = self.whole(to);
        let _ = if self.history.at(to).can_fail() {
            self.words.insert("vN, TryFrom");
            writeln!(
                self.helpers,
                "impl TryFrom<{from}> for {new} {{\n    type Error = String;\n    fn try_from(old: {from}) -> Result<Self, String> {{\n        Ok({made})\n    }}\n}}"
            )
        } else {
            self.words.insert("vN, From");
            writeln!(
                self.helpers,
                "impl From<{from}> for {new} {{\n    fn from(old: {from}) -> Self {{\n        {made}\n    }}\n}}"
            )
        };
    }
}
