//! Evaluates the scripts of one step, or of one reply.

use script::{Asks, Budget, EvalError, Scope, ScriptId, Scripts, Undefined, Value};

use super::surroundings::Surroundings;

/// How many values a stored one may hold, each counted wherever it stands. A step that puts ten
/// references to a stored value into the next one makes it ten times as large to walk, and not in
/// memory: a dozen such steps would keep a runner busy for days. The largest JSON body that an
/// endpoint takes unless its author asks for more (1 MiB) seldom holds as many.
const MOST_STORED_VALUES: usize = 100_000;

/// How deep a stored value may nest. Steps could otherwise wrap a value into another without end,
/// and whatever walks it later would run out of stack.
const DEEPEST_STORED: usize = 128;

/// The scripts of a document with what they may see. It collects the undefined values that were
/// printed.
#[derive(Debug)]
pub struct Evaluator<'a> {
    scripts: &'a Scripts,
    surroundings: &'a Surroundings,
    data: Value,
    evaluations: u64,
    undefined: Vec<Undefined>,
    fuel: u64,
    asks: Option<Asks>,
    made: Made,
}

/// What the scripts of a step made, where the run is recorded.
#[derive(Debug, Default)]
pub(crate) struct Made {
    /// What the step took in, by name.
    pub(crate) input: Vec<(&'static str, Value)>,
    /// What came of it.
    pub(crate) output: Option<Value>,
}

/// How many values of one step are told.
const MOST_MADE: usize = 64;

impl<'a> Evaluator<'a> {
    /// An evaluator with `data` as `__data`, most often [`crate::data::Data::scope_value`].
    #[must_use]
    pub const fn new(scripts: &'a Scripts, surroundings: &'a Surroundings, data: Value) -> Self {
        Self {
            scripts,
            surroundings,
            data,
            evaluations: 0,
            undefined: Vec::new(),
            fuel: 0,
            asks: None,
            made: Made {
                input: Vec::new(),
                output: None,
            },
        }
    }

    /// The same where scripts may ask what is outside, and these are the answers so far.
    pub(crate) fn asking(self, asks: Option<Asks>) -> Self {
        Self { asks, ..self }
    }

    /// Tells the run log what a step took in.
    pub(crate) fn note_input(&mut self, name: &'static str, value: &Value) {
        if self.surroundings.recorded && self.made.input.len() < MOST_MADE {
            self.made.input.push((name, value.clone()));
        }
    }

    /// Tells the run log what came of a step.
    pub(crate) fn note_output(&mut self, value: impl Into<Value>) {
        if self.surroundings.recorded {
            self.made.output = Some(value.into());
        }
    }

    /// What was told so far.
    pub(crate) fn take_made(&mut self) -> Made {
        std::mem::take(&mut self.made)
    }

    /// The scripts.
    #[must_use]
    pub const fn scripts(&self) -> &'a Scripts {
        self.scripts
    }

    /// The surroundings.
    #[must_use]
    pub const fn surroundings(&self) -> &'a Surroundings {
        self.surroundings
    }

    /// `__data`.
    pub(crate) const fn data(&self) -> &Value {
        &self.data
    }

    /// How large a value may be that is stored.
    pub(crate) const fn room_to_store(&self) -> Budget {
        let text = self.surroundings.bounds.output_bytes;
        Budget::new(MOST_STORED_VALUES, text, DEEPEST_STORED)
    }

    /// How large a value may be that is written out: each value in it takes a byte at least.
    pub(crate) const fn room_to_write(&self) -> Budget {
        let bytes = self.surroundings.bounds.output_bytes;
        Budget::new(bytes, bytes, usize::MAX)
    }

    /// How large a value may be that a condition looks at: as large as one script could read it.
    pub(crate) fn room_to_read(&self) -> Budget {
        let values = usize::try_from(self.surroundings.bounds.fuel).unwrap_or(usize::MAX);
        Budget::new(values, values.saturating_mul(64), usize::MAX)
    }

    /// Renders a script to text.
    ///
    /// # Errors
    /// When the script fails or crosses a bound.
    pub fn render(&mut self, id: ScriptId) -> Result<String, EvalError> {
        let scope = self.scope();
        let rendered = self.scripts.render(id, &scope, &self.surroundings.bounds)?;
        self.undefined.extend(rendered.undefined);
        self.fuel += rendered.fuel;
        Ok(rendered.text)
    }

    /// Evaluates a script to a value.
    ///
    /// # Errors
    /// When the script fails or crosses a bound.
    pub fn evaluate(&mut self, id: ScriptId) -> Result<Value, EvalError> {
        let scope = self.scope();
        let evaluated = self
            .scripts
            .evaluate(id, &scope, &self.surroundings.bounds)?;
        self.undefined.extend(evaluated.undefined);
        self.fuel += evaluated.fuel;
        Ok(evaluated.value)
    }

    /// What the evaluations have cost so far, in fuel.
    #[must_use]
    pub const fn fuel(&self) -> u64 {
        self.fuel
    }

    /// The undefined values that were printed so far, in order.
    #[must_use]
    pub fn into_undefined(self) -> Vec<Undefined> {
        self.undefined
    }

    /// A scope with a seed of its own, so that two scripts never draw the same random values.
    fn scope(&mut self) -> Scope {
        self.evaluations += 1;
        let seed = mix(self.surroundings.seed, self.evaluations);
        let scope = Scope::new(self.data.clone(), self.surroundings.now, seed);
        let mut scope = scope.with_variables(self.surroundings.variables.clone());
        if self.surroundings.measured {
            scope = scope.measured();
        }
        if let Some(offload) = &self.surroundings.offload {
            scope = scope.with_offload(offload.clone());
        }
        if let Some(asks) = &self.asks {
            scope = scope.with_asks(asks.clone());
        }
        match &self.surroundings.secrets {
            Some(secrets) => scope.with_secrets(secrets.clone()),
            None => scope,
        }
    }
}

/// Another seed for each number, spread by the finaliser of SplitMix64.
pub(crate) const fn mix(seed: u64, number: u64) -> u64 {
    let mut bits = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
