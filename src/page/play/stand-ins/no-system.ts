/** The files and sockets that a browser does not have. The simulated disks take their place, so nothing asks for these. */
const none = (): never => {
  throw new Error('there are no files in a browser');
};

export { none as mkdirSync, none as readFileSync, none as statSync };
export default { constants: {} };
