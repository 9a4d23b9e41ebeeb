//! Parts of speech and relations of Universal Dependencies, tags of the Penn treebank.

macro_rules! labels {
    ($(#[$meta:meta])* $name:ident { $($variant:ident $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[repr(u8)]
        pub enum $name { $($variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// As the treebanks write it.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            /// The label that the treebanks write so.
            pub fn from_name(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|label| label.as_str() == text)
            }

            pub fn from_index(index: usize) -> Option<$name> {
                $name::ALL.get(index).copied()
            }
        }
    };
}

labels! {
    /// Universal part of speech.
    Pos {
        Adj "ADJ", Adp "ADP", Adv "ADV", Aux "AUX", Cconj "CCONJ", Det "DET", Intj "INTJ", Noun "NOUN", Num "NUM",
        Part "PART", Pron "PRON", Propn "PROPN", Punct "PUNCT", Sconj "SCONJ", Sym "SYM", Verb "VERB", X "X",
    }
}
labels! {
    /// Penn treebank tag.
    Tag {
        Cc "CC", Cd "CD", Dt "DT", Ex "EX", Fw "FW", In "IN", Jj "JJ", Jjr "JJR", Jjs "JJS", Ls "LS", Md "MD",
        Nn "NN", Nnp "NNP", Nnps "NNPS", Nns "NNS", Pdt "PDT", PosS "POS", Prp "PRP", PrpS "PRP$", Rb "RB", Rbr "RBR",
        Rbs "RBS", Rp "RP", Sym "SYM", To "TO", Uh "UH", Vb "VB", Vbd "VBD", Vbg "VBG", Vbn "VBN", Vbp "VBP",
        Vbz "VBZ", Wdt "WDT", Wp "WP", WpS "WP$", Wrb "WRB", Punct "PUNCT", Hyph "HYPH", Other "XX",
    }
}
labels! {
    /// Universal dependency relation; subtypes that tell roles apart are kept.
    Rel {
        Acl "acl", AclRelcl "acl:relcl", Advcl "advcl", Advmod "advmod", Amod "amod", Appos "appos", Aux "aux",
        AuxPass "aux:pass", Case "case", Cc "cc", Ccomp "ccomp", Compound "compound", CompoundPrt "compound:prt",
        Conj "conj", Cop "cop", Csubj "csubj", Dep "dep", Det "det", Discourse "discourse", Expl "expl",
        Fixed "fixed", Flat "flat", Iobj "iobj", List "list", Mark "mark", Nmod "nmod", NmodPoss "nmod:poss",
        Nsubj "nsubj", NsubjPass "nsubj:pass", Nummod "nummod", Obj "obj", Obl "obl", OblAgent "obl:agent",
        Parataxis "parataxis", Punct "punct", Root "root", Vocative "vocative", Xcomp "xcomp",
    }
}

impl Rel {
    /// The relation a treebank's label stands for; unknown subtypes fall back to their main type.
    pub fn from_treebank(text: &str) -> Rel {
        let main = text.split(':').next().unwrap_or_default();
        Rel::from_name(text).or_else(|| Rel::from_name(main)).unwrap_or(Rel::Dep)
    }
}
