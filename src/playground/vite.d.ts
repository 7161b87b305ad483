/** What Vite makes of an import of a worker: the address of its script. */
declare module "*?worker&url" {
  const address: string;
  export default address;
}
