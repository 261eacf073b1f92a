interface Props<Value extends string> {
  /** Said by screen readers only: all others see what it is about. */
  readonly label: string;
  readonly value: Value;
  readonly options: readonly Value[];
  /** What people read of an option. */
  readonly textOf?: (option: Value) => string;
  readonly choose: (option: Value) => void;
}

/** A choice of one of several values. */
export const Select = <Value extends string>(props: Props<Value>) => {
  const { label, value, options, textOf = String, choose } = props;
  return (
    <select aria-label={label} value={value} onChange={(event) => choose(event.currentTarget.value as Value)}>
      {options.map((option) => (
        <option key={option} value={option}>
          {textOf(option)}
        </option>
      ))}
    </select>
  );
};
