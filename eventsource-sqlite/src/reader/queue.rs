//! The reads that wait for a thread, and the threads that wait for a read.
//!
//! Waking a thread costs as much as reading a short stream. So none is woken for a read that one takes soon which is awake
//! anyway: a thread that reads something short is asked to take one more after it, and one that reads something long none.
//! Woken is the one that fell asleep last: what it has seen of the file is the newest, so that a read which changes its
//! threads finds the texts that it had looked up. For something long it is the one that did so last, if it sleeps: each thread
//! keeps pages and texts of what it has read, so that a long read which went through all of them would fill them all.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// How long a read holds its thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    /// A look at an index, or the first page of one stream.
    Short,
    /// All else.
    Long,
}

/// Closed by [`Queue::close`]; what was in it is still taken. Its threads have the numbers from 0 on.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    /// One for each thread.
    woken: Vec<Condvar>,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(Length, T)>,
    /// Threads that look here again soon, or are told to.
    awake: usize,
    /// Threads that sleep, and are not told to wake. The last one fell asleep last.
    asleep: Vec<usize>,
    /// The thread that was the last one to take something long.
    last_long: Option<usize>,
    closed: bool,
}

impl<T> State<T> {
    /// The thread that is to be woken, if any, which counts as awake from now on.
    fn another(&mut self) -> Option<usize> {
        if self.waiting.len() <= self.awake {
            return None;
        }
        let is_long = matches!(self.waiting.back(), Some((Length::Long, _)));
        let again = self.last_long.filter(|_| is_long);
        let again = again.and_then(|last| self.asleep.iter().position(|thread| *thread == last));
        let thread = match again {
            Some(place) => self.asleep.remove(place),
            None => self.asleep.pop()?,
        };
        self.awake += 1;
        Some(thread)
    }
}

impl<T> Queue<T> {
    /// An empty queue for so many threads, each of which is to call [`Queue::take`] next.
    pub(super) fn of(threads: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                awake: threads,
                asleep: Vec::with_capacity(threads),
                last_long: None,
                closed: false,
            }),
            woken: (0..threads).map(|_| Condvar::new()).collect(),
        }
    }

    /// Gives the read back where the queue is closed.
    pub(super) fn put(&self, length: Length, read: T) -> Result<(), T> {
        let mut state = self.state();
        if state.closed {
            return Err(read);
        }
        state.waiting.push_back((length, read));
        let another = state.another();
        drop(state);
        self.wake(another);
        Ok(())
    }

    /// The next read, for a thread of this number that has done the last one; `None` once the queue is closed and empty.
    pub(super) fn take(&self, thread: usize, last: Option<Length>) -> Option<(Length, T)> {
        let mut state = self.state();
        if last == Some(Length::Long) {
            state.awake += 1;
        }
        loop {
            if let Some(next) = state.waiting.pop_front() {
                if next.0 == Length::Long {
                    state.last_long = Some(thread);
                    state.awake -= 1;
                    let another = state.another();
                    self.wake(another);
                }
                return Some(next);
            }
            if state.closed {
                return None;
            }
            state.awake -= 1;
            state.asleep.push(thread);
            let sleeps = |state: &mut State<T>| state.asleep.contains(&thread) && !state.closed;
            state = match self.woken.get(thread) {
                Some(woken) => woken
                    .wait_while(state, sleeps)
                    .unwrap_or_else(PoisonError::into_inner),
                None => return None,
            };
            let asleep = state.asleep.len();
            state.asleep.retain(|other| *other != thread);
            // One that was told counts already.
            state.awake += asleep - state.asleep.len();
        }
    }

    fn wake(&self, thread: Option<usize>) {
        if let Some(woken) = thread.and_then(|thread| self.woken.get(thread)) {
            woken.notify_one();
        }
    }

    /// Whether a thread that could go on is to look here first.
    pub(super) fn is_waited_for(&self) -> bool {
        let state = self.state();
        state.closed || !state.waiting.is_empty()
    }

    /// Takes no more.
    pub(super) fn close(&self) {
        self.state().closed = true;
        for woken in &self.woken {
            woken.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the state says: how many wait, are awake, and sleep.
    fn counts(queue: &Queue<u32>) -> (usize, usize, usize) {
        let state = queue.state();
        (state.waiting.len(), state.awake, state.asleep.len())
    }

    /// A queue whose threads all sleep.
    fn asleep(threads: usize) -> Queue<u32> {
        let queue = Queue::of(threads);
        let mut state = queue.state();
        (state.awake, state.asleep) = (0, (0..threads).collect());
        drop(state);
        queue
    }

    #[test]
    fn as_many_threads_are_woken_as_reads_wait_for_one() {
        let queue = asleep(3);
        for (number, expected) in [(1, (1, 1, 2)), (2, (2, 2, 1)), (3, (3, 3, 0))] {
            assert_eq!(queue.put(Length::Short, number), Ok(()));
            assert_eq!(counts(&queue), expected);
        }
        assert_eq!(queue.put(Length::Short, 4), Ok(()));
        assert_eq!(counts(&queue), (4, 3, 0));
    }

    #[test]
    fn the_thread_that_fell_asleep_last_is_woken_first() {
        let queue = asleep(3);
        assert_eq!(queue.put(Length::Short, 1), Ok(()));
        assert_eq!(queue.state().asleep, [0, 1]);
        // It takes what there is, and is the first one again.
        assert_eq!(queue.take(2, None), Some((Length::Short, 1)));
        std::thread::scope(|scope| {
            let slept = scope.spawn(|| queue.take(2, Some(Length::Short)));
            while queue.state().asleep != [0, 1, 2] {
                std::thread::yield_now();
            }
            assert_eq!(queue.put(Length::Short, 2), Ok(()));
            let taken = slept.join().expect("no panic");
            assert_eq!(taken, Some((Length::Short, 2)));
        });
        assert_eq!(queue.state().asleep, [0, 1]);
    }

    #[test]
    fn something_long_wakes_the_thread_that_read_something_long_last() {
        let queue = asleep(3);
        assert_eq!(queue.put(Length::Long, 1), Ok(()));
        assert_eq!(queue.take(2, None), Some((Length::Long, 1)));
        // It falls asleep before the others.
        let mut state = queue.state();
        (state.awake, state.asleep) = (0, vec![2, 0, 1]);
        drop(state);
        assert_eq!(queue.put(Length::Short, 2), Ok(()));
        assert_eq!(queue.state().asleep, [2, 0]);
        assert_eq!(queue.take(1, None), Some((Length::Short, 2)));
        queue.state().awake = 0;
        assert_eq!(queue.put(Length::Long, 3), Ok(()));
        assert_eq!(queue.state().asleep, [0]);
        assert_eq!(queue.take(2, None), Some((Length::Long, 3)));
        // While it reads, another one has to.
        assert_eq!(queue.put(Length::Long, 4), Ok(()));
        assert_eq!(counts(&queue), (1, 1, 0));
    }

    #[test]
    fn a_thread_with_something_short_takes_one_more_and_none_is_woken() {
        let queue = asleep(2);
        assert_eq!(queue.put(Length::Short, 1), Ok(()));
        assert_eq!(queue.take(0, None), Some((Length::Short, 1)));
        assert_eq!(queue.put(Length::Short, 2), Ok(()));
        assert_eq!(counts(&queue), (1, 1, 1));
        assert_eq!(queue.put(Length::Short, 3), Ok(()));
        assert_eq!(counts(&queue), (2, 2, 0));
    }

    #[test]
    fn nothing_waits_for_something_long_while_a_thread_sleeps() {
        let queue = asleep(2);
        assert_eq!(queue.put(Length::Long, 1), Ok(()));
        assert_eq!(queue.take(0, None), Some((Length::Long, 1)));
        assert_eq!(counts(&queue), (0, 0, 1));
        assert_eq!(queue.put(Length::Short, 2), Ok(()));
        assert_eq!(counts(&queue), (1, 1, 0));
        // Nor where it came first.
        let queue = asleep(2);
        queue.state().awake = 1;
        assert_eq!(queue.put(Length::Long, 1), Ok(()));
        assert_eq!(counts(&queue), (1, 1, 2));
        queue.state().waiting.push_back((Length::Short, 2));
        assert_eq!(queue.take(0, None), Some((Length::Long, 1)));
        assert_eq!(counts(&queue), (1, 1, 1));
        assert_eq!(queue.take(0, Some(Length::Long)), Some((Length::Short, 2)));
        assert_eq!(counts(&queue), (0, 2, 1));
    }

    #[test]
    fn what_waits_when_it_is_closed_is_taken_and_no_more() {
        let queue = asleep(1);
        assert!(!queue.is_waited_for());
        assert_eq!(queue.put(Length::Short, 1), Ok(()));
        assert!(queue.is_waited_for());
        queue.close();
        assert_eq!(queue.put(Length::Short, 2), Err(2));
        assert_eq!(queue.take(0, None), Some((Length::Short, 1)));
        assert!(queue.is_waited_for());
        assert_eq!(queue.take(0, Some(Length::Short)), None);
    }

    #[test]
    fn every_read_is_taken_once_by_threads_that_come_and_go() {
        const READS: u32 = 20_000;
        let queue = Queue::of(4);
        let taken: Vec<u32> = std::thread::scope(|scope| {
            let queue = &queue;
            let threads: Vec<_> = (0..4)
                .map(|number| {
                    scope.spawn(move || {
                        let (mut all, mut last) = (Vec::new(), None);
                        while let Some((length, read)) = queue.take(number, last) {
                            last = Some(length);
                            all.push(read);
                        }
                        all
                    })
                })
                .collect();
            for read in 0..READS {
                let length = if read % 3 == 0 {
                    Length::Long
                } else {
                    Length::Short
                };
                assert_eq!(queue.put(length, read), Ok(()));
                if read % 7 == 0 {
                    std::thread::yield_now();
                }
            }
            queue.close();
            let all = threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            all.flatten().collect()
        });
        let mut sorted = taken;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..READS).collect::<Vec<_>>());
    }
}
