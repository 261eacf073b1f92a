import { createMachine } from 'xstate';

const long = (word: string): string => `${word} `.repeat(40).slice(0, 80).trimEnd().padEnd(80, '.');
const unbroken = 'a'.repeat(80);

export const machine = createMachine({
  id: 'longNames',
  initial: unbroken,
  states: {
    [unbroken]: {
      description: 'A sentence that goes on and on. '.repeat(20).trim(),
      on: {
        [long('event').replaceAll('.', '!')]:
          'waitingForTheConfirmationOfTheDeliveryAddressByTheCustomerOnTheTelephoneAtNight',
      },
    },
    waitingForTheConfirmationOfTheDeliveryAddressByTheCustomerOnTheTelephoneAtNight: {
      on: { ['E'.repeat(80)]: unbroken },
    },
  },
});
