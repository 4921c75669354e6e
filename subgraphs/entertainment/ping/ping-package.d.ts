// The package has types for its main file alone. What is declared here is what ping-package.ts uses of the other two.
declare module 'ping/lib/builder/factory.js' {
  const factory: {
    isPlatformSupport: (platform: string) => boolean;
    createBuilder: (platform: string) => {
      getCommandArguments: (
        target: string,
        config: { numeric: boolean; timeout: number; min_reply: number },
      ) => string[];
    };
  };
  // biome-ignore lint/style/noDefaultExport: a CommonJS module has nothing else
  export default factory;
}

declare module 'ping/lib/parser/factory.js' {
  type Response = { alive: boolean; time: number | 'unknown'; packetLoss: string | 'unknown' };
  type Parser = { eat: (line: string) => unknown; getResult: () => Response };
  const factory: { createParser: (address: string, platform: string, config: object) => Parser };
  // biome-ignore lint/style/noDefaultExport: a CommonJS module has nothing else
  export default factory;
}
