import { isInspecting, isOffered } from '../state/inspected.ts';

/** Shows or hides the inspector, where the server listens for programs. */
export const InspectorSwitch = () =>
  isOffered.value ? (
    <button
      type="button"
      class="inspector-switch"
      aria-pressed={isInspecting.value}
      onClick={() => {
        isInspecting.value = !isInspecting.value;
      }}
    >
      inspector
    </button>
  ) : null;
