//! Who made a picture and on what terms it may be used, wherever a file says so.

/// A text in some language; `x-default` when none is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Localized {
    pub(super) language: String,
    pub(super) text: String,
}

/// The language of texts that name none (XMP specification part 1, §8.2.2.4).
pub(super) const DEFAULT_LANGUAGE: &str = "x-default";

impl Localized {
    pub(super) fn plain(text: impl Into<String>) -> Localized {
        Localized {
            language: DEFAULT_LANGUAGE.to_owned(),
            text: text.into(),
        }
    }
}

/// What EXIF, IPTC, XMP or text chunks say of the rights in a picture.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Rights {
    /// Who made it.
    pub(super) creators: Vec<String>,
    /// The notice, `dc:rights`.
    pub(super) notices: Vec<Localized>,
    /// Who owns the rights, `xmpRights:Owner`.
    pub(super) owners: Vec<String>,
    /// `xmpRights:UsageTerms`.
    pub(super) terms: Vec<Localized>,
    /// `xmpRights:Marked`: `True` or `False`.
    pub(super) marked: Option<String>,
    /// `xmpRights:WebStatement`.
    pub(super) statement: Option<String>,
    /// `xmpRights:Certificate`.
    pub(super) certificate: Option<String>,
}

impl Rights {
    pub(super) fn is_empty(&self) -> bool {
        *self == Rights::default()
    }

    /// Creators in one line.
    pub(super) fn creator(&self) -> Option<String> {
        (!self.creators.is_empty()).then(|| self.creators.join("; "))
    }

    /// The notice for readers that know one language only.
    pub(super) fn notice(&self) -> Option<&str> {
        let default = |n: &&Localized| n.language == DEFAULT_LANGUAGE;
        let notice = self.notices.iter().find(default);
        notice.or(self.notices.first()).map(|n| n.text.as_str())
    }

    /// Adds what another place says, and does not say the same thing twice.
    pub(super) fn absorb(&mut self, other: &Rights) {
        add(&mut self.creators, &other.creators);
        add(&mut self.owners, &other.owners);
        add_localized(&mut self.notices, &other.notices);
        add_localized(&mut self.terms, &other.terms);
        for (own, others) in [
            (&mut self.marked, &other.marked),
            (&mut self.statement, &other.statement),
            (&mut self.certificate, &other.certificate),
        ] {
            *own = own.take().or_else(|| others.clone());
        }
    }
}

fn add(known: &mut Vec<String>, more: &[String]) {
    for text in more {
        if !known.contains(text) {
            known.push(text.clone());
        }
    }
}

/// There is one text for a language: another one is put behind it.
fn add_localized(known: &mut Vec<Localized>, more: &[Localized]) {
    for new in more {
        if known.iter().any(|old| old.text.contains(&new.text)) {
            continue;
        }
        match known.iter_mut().find(|old| old.language == new.language) {
            Some(old) => {
                old.text.push_str("; ");
                old.text.push_str(&new.text);
            }
            None => known.push(new.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_nothing_is_said_twice() {
        let of = |creator: &str, notice: &str| Rights {
            creators: vec![creator.to_owned()],
            notices: vec![Localized::plain(notice)],
            ..Rights::default()
        };
        let mut all = of("A", "(c) A");
        all.absorb(&of("A", "(c) A"));
        assert_eq!(all, of("A", "(c) A"));
        all.absorb(&of("B", "(c) B"));
        assert_eq!(all.creator().as_deref(), Some("A; B"));
        assert_eq!(all.notice(), Some("(c) A; (c) B"));
        assert!(!all.is_empty() && Rights::default().is_empty());
    }
}
