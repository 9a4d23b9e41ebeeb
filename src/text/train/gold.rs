//! Sentences of a treebank.

use super::{rel_number, tag_number};

/// A sentence with its tags and tree.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gold {
    pub forms: Vec<String>,
    /// Numbers of `Tag`s.
    pub tags: Vec<u8>,
    /// Index of each word's head; the number of words for the root.
    pub heads: Vec<u16>,
    /// Numbers of `Rel`s.
    pub rels: Vec<u8>,
    /// White space follows.
    pub spaces: Vec<bool>,
}

impl Gold {
    pub fn len(&self) -> usize {
        self.forms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// Makes one word of `first..=last`, where that is one subtree's top: only one of them has its head outside.
    /// False, and nothing done, where it is not.
    pub fn join(&mut self, first: usize, last: usize, glue: &str) -> bool {
        let inside = |head: u16| (first..=last).contains(&usize::from(head));
        let mut tops = (first..=last).filter(|at| !inside(self.heads[*at]));
        let (Some(top), None) = (tops.next(), tops.next()) else { return false };
        let form = self.forms[first..=last].join(glue);
        let removed = (last - first) as u16;
        let moved = |head: u16| match usize::from(head) {
            head_at if head_at > last => head - removed,
            head_at if head_at >= first => first as u16,
            _ => head,
        };
        self.forms[first] = form;
        (self.tags[first], self.rels[first]) = (self.tags[top], self.rels[top]);
        self.heads[first] = self.heads[top];
        self.spaces[first] = self.spaces[last];
        let gone = first + 1..last + 1;
        self.forms.drain(gone.clone());
        self.tags.drain(gone.clone());
        self.rels.drain(gone.clone());
        self.spaces.drain(gone.clone());
        self.heads.drain(gone);
        self.heads.iter_mut().for_each(|head| *head = moved(*head));
        true
    }

    /// Takes the last word out, if nothing hangs on it.
    pub fn drop_last(&mut self) {
        let Some(last) = self.len().checked_sub(1) else { return };
        let n = self.len() as u16;
        if last == 0 || self.heads.contains(&(last as u16)) || self.heads[last] == n {
            return;
        }
        self.forms.pop();
        self.tags.pop();
        self.rels.pop();
        self.spaces.pop();
        self.heads.pop();
        self.heads.iter_mut().filter(|head| **head == n).for_each(|head| *head = n - 1);
    }
}

/// Reads CoNLL-U; multiword ranges, empty nodes and sentences that are no tree are left out.
pub fn read_conllu(text: &str) -> Vec<Gold> {
    let mut list = Vec::new();
    let mut gold = Gold::default();
    for line in text.lines().chain([""]) {
        if line.trim().is_empty() {
            let done = std::mem::take(&mut gold);
            if !done.is_empty() {
                list.extend(finished(done));
            }
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, form, _, _, xpos, _, head, rel, ..] = fields[..] else { continue };
        if line.starts_with('#') || id.contains(['-', '.']) {
            continue;
        }
        gold.forms.push(form.to_owned());
        gold.tags.push(tag_number(xpos));
        gold.heads.push(head.parse().unwrap_or(0));
        gold.rels.push(rel_number(rel));
        gold.spaces.push(!line.contains("SpaceAfter=No"));
    }
    list
}

/// Counts heads from 0, the root behind the last word.
fn finished(mut gold: Gold) -> Option<Gold> {
    let n = gold.len() as u16;
    for head in &mut gold.heads {
        *head = match *head {
            0 => n,
            head if head <= n => head - 1,
            _ => return None,
        };
    }
    Some(gold)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "# text = New York fell.\n1\tNew\tNew\tPROPN\tNNP\t_\t2\tcompound\t_\t_\n\
        2\tYork\tYork\tPROPN\tNNP\t_\t3\tnsubj\t_\t_\n3\tfell\tfall\tVERB\tVBD\t_\t0\troot\t_\tSpaceAfter=No\n\
        4\t.\t.\tPUNCT\t.\t_\t3\tpunct\t_\t_\n\n";

    #[test]
    fn a_tree_is_read_joined_and_cut() {
        let mut gold = read_conllu(TREE).remove(0);
        assert_eq!(gold.heads, [1, 2, 4, 2]);
        assert!(gold.join(0, 1, " "));
        assert_eq!((gold.forms[0].as_str(), gold.heads.as_slice()), ("New York", &[1u16, 3, 1][..]));
        gold.drop_last();
        assert_eq!(gold.heads, [1, 2]);
    }
}
