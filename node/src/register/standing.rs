//! Which number a group keeps: numbers are never reused, and a group that comes back has its own again.
//!
//! Every member remembers the first number it had and the one it has now. A number belongs to the group of its
//! founder, the oldest member whose first it was. A group keeps a number that its members have now if it is its own;
//! else it takes the smallest of its own; a group without any gets a new one.

use std::collections::HashMap;

/// A member as the register has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its own number; the smaller, the older.
    pub member: i64,
    /// The number it has now, if any.
    pub now: Option<i64>,
    /// The first it had, if any.
    pub first: Option<i64>,
}

/// A group with its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// Its number.
    pub number: i64,
    /// Whether the number is new.
    pub is_new: bool,
}

/// Names every group, each given by its things and how a thing stands; `last` is the highest number given so far
/// and is moved on.
pub fn name_groups<T>(groups: &[Vec<T>], standing: impl Fn(&T) -> Standing, last: &mut i64) -> Vec<Named> {
    // Of every number the oldest member whose first it was, else the oldest that has it now, with its group.
    let mut owners: HashMap<i64, (bool, i64, usize)> = HashMap::new();
    for (at, group) in groups.iter().enumerate() {
        for standing in group.iter().map(&standing) {
            let mut claim = |number: Option<i64>, later: bool| {
                if let Some(number) = number {
                    let owner = owners.entry(number).or_insert((later, standing.member, at));
                    *owner = (*owner).min((later, standing.member, at));
                }
            };
            claim(standing.first, false);
            claim(standing.now, true);
        }
    }
    let mut owned: HashMap<usize, Vec<i64>> = HashMap::new();
    for (&number, &(_, _, at)) in &owners {
        owned.entry(at).or_default().push(number);
    }
    let name = |(at, group): (usize, &Vec<T>)| {
        let own = owned.get(&at).map(Vec::as_slice).unwrap_or_default();
        let has_now = |number: &&i64| group.iter().any(|thing| standing(thing).now == Some(**number));
        let known = own.iter().filter(has_now).min().or_else(|| own.iter().min()).copied();
        let number = known.unwrap_or_else(|| {
            *last += 1;
            *last
        });
        Named { number, is_new: known.is_none() }
    };
    groups.iter().enumerate().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(member: i64, now: i64, first: i64) -> Standing {
        let some = |number: i64| (number > 0).then_some(number);
        Standing { member, now: some(now), first: some(first) }
    }

    #[test]
    fn a_group_that_was_merged_and_comes_back_has_its_own_number_again() {
        let mut last = 2;
        let numbers = |groups: &[Vec<Standing>], last: &mut i64| -> Vec<i64> {
            name_groups(groups, |standing| *standing, last).iter().map(|named| named.number).collect()
        };
        assert_eq!(numbers(&[vec![member(1, 1, 1), member(2, 2, 2)]], &mut last), [1]);
        assert_eq!(numbers(&[vec![member(1, 1, 1)], vec![member(2, 1, 2)]], &mut last), [1, 2]);
        assert_eq!(last, 2);
    }

    #[test]
    fn a_group_split_off_gets_a_new_number_and_keeps_it() {
        let mut last = 7;
        let split = [vec![member(1, 1, 1)], vec![member(2, 1, 1)]];
        assert_eq!(
            name_groups(&split, |standing| *standing, &mut last),
            [Named { number: 1, is_new: false }, Named { number: 8, is_new: true }]
        );
        let later = [vec![member(1, 1, 1)], vec![member(2, 8, 1)]];
        assert_eq!(
            name_groups(&later, |standing| *standing, &mut last)[1],
            Named { number: 8, is_new: false }
        );
        assert_eq!(
            name_groups(&[vec![member(9, 0, 0)]], |standing| *standing, &mut last)[0],
            Named { number: 9, is_new: true }
        );
    }

    #[test]
    fn a_group_keeps_its_number_when_the_one_it_came_from_is_gone() {
        let mut last = 8;
        assert_eq!(
            name_groups(&[vec![member(3, 8, 1)]], |standing| *standing, &mut last),
            [Named { number: 8, is_new: false }]
        );
    }

    #[test]
    fn a_member_that_moves_takes_no_number_along() {
        let mut last = 2;
        let moved = [vec![member(1, 2, 2), member(4, 1, 1)], vec![member(3, 1, 1)]];
        let named: Vec<i64> =
            name_groups(&moved, |standing| *standing, &mut last).iter().map(|named| named.number).collect();
        assert_eq!(named, [2, 1]);
    }
}
