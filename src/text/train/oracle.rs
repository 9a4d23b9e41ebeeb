//! The dynamic oracle of the arc-hybrid system: what each move costs in arcs that can never be made again.

use crate::text::state::{NONE, State};

/// Gold arcs lost by shift, left and right; moves that are not allowed have any figure.
pub fn costs(state: &State, heads: &[u16]) -> [usize; 3] {
    let (top, below) = (state.on_stack(0), state.on_stack(1));
    let next = state.next;
    let head_of = |node: u16| heads.get(usize::from(node)).copied().unwrap_or(NONE);
    let in_buffer = |node: u16| node != NONE && node >= next && node <= state.n;
    let dependents_ahead = |of: u16| (next..state.n).filter(|d| head_of(*d) == of).count();

    let shift = {
        let head = head_of(next);
        let deeper = state.stack.iter().rev().skip(1).any(|node| *node == head);
        usize::from(deeper) + state.stack.iter().filter(|d| head_of(**d) == next).count()
    };
    if top == NONE {
        return [shift, usize::MAX, usize::MAX];
    }
    let head = head_of(top);
    let ahead = dependents_ahead(top);
    let left = ahead + usize::from(head == below || in_buffer(head) && head != next);
    let right = ahead + usize::from(in_buffer(head));
    [shift, left, right]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_move_costs_nothing() {
        let mut state = State::default();
        state.start(3);
        let heads = [1, 3, 1];
        assert_eq!(costs(&state, &heads)[0], 0);
        state.shift();
        // "Iran" before "closed": left costs nothing, shift would lose the subject.
        let found = costs(&state, &heads);
        assert_eq!((found[0], found[1]), (1, 0));
    }
}
